package access

// AnyKey takes every stream key.
const AnyKey = "*"

// Takes reports whether a key is the one that is wanted, or any is. Keys are compared exactly.
func Takes(wanted, key string) bool { return wanted == AnyKey || wanted == key }

// Overlap reports whether there is a key that both take.
func Overlap(a, b string) bool { return Takes(a, b) || b == AnyKey }
