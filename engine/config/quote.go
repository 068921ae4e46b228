package config

import (
	"fmt"
	"strings"
	"unicode"
)

// quote returns s in quotation marks for a message: cut to quotedRunesMax, with everything escaped that could disturb a
// log or a terminal. Unlike strconv.Quote it leaves backslashes alone, for the language does so too.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	runes := 0
	for _, r := range s {
		if runes == quotedRunesMax {
			b.WriteString("…")
			break
		}
		runes++
		if unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\u{%X}`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// IsSecret reports whether a parameter or setting of that name is one of which nothing may be shown.
func IsSecret(name string) bool {
	name = strings.ToLower(name)
	for _, secret := range []string{"password", "passwd", "passphrase", "secret", "token"} {
		if strings.Contains(name, secret) {
			return true
		}
	}
	return false
}

// shown returns what a message may repeat of a value: nothing of what a log must not hold. URLs carry stream keys and
// passwords, and some names announce a secret.
func shown(name, value string) string {
	if IsSecret(name) || strings.Contains(strings.ToLower(name), "key") || strings.Contains(value, "://") {
		return "…"
	}
	return value
}
