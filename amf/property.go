package amf

// Property is one named value of an object or ECMA array.
type Property struct {
	Name  string
	Value any
}

// Get returns the value of the named property; of several with that name, the last. The receiver may be nil.
func (o *Object) Get(name string) (any, bool) {
	if o == nil {
		return nil, false
	}
	return lookUp(o.Properties, name)
}

// Set replaces the value of the named property, or appends it.
func (o *Object) Set(name string, v any) { o.Properties = replaceOrAppend(o.Properties, name, v) }

// String returns the named text, and "" if there is none or it is of another type. The receiver may be nil.
func (o *Object) String(name string) string { return asString(o.Get(name)) }

// Number returns the named number, be it a float64 or an AMF3 integer. The receiver may be nil.
func (o *Object) Number(name string) (float64, bool) { return asNumber(o.Get(name)) }

// Get returns the value of the named property; of several with that name, the last. It does not look into Dense. The
// receiver may be nil.
func (a *ECMAArray) Get(name string) (any, bool) {
	if a == nil {
		return nil, false
	}
	return lookUp(a.Properties, name)
}

// Set replaces the value of the named property, or appends it.
func (a *ECMAArray) Set(name string, v any) { a.Properties = replaceOrAppend(a.Properties, name, v) }

// String returns the named text, and "" if there is none or it is of another type. The receiver may be nil.
func (a *ECMAArray) String(name string) string { return asString(a.Get(name)) }

// Number returns the named number, be it a float64 or an AMF3 integer. The receiver may be nil.
func (a *ECMAArray) Number(name string) (float64, bool) { return asNumber(a.Get(name)) }

// indexOf searches from the end: to a receiver that assigns property by property, the last one stands.
func indexOf(ps []Property, name string) int {
	for i := len(ps) - 1; i >= 0; i-- {
		if ps[i].Name == name {
			return i
		}
	}
	return -1
}

func lookUp(ps []Property, name string) (any, bool) {
	if i := indexOf(ps, name); i >= 0 {
		return ps[i].Value, true
	}
	return nil, false
}

func replaceOrAppend(ps []Property, name string, v any) []Property {
	if i := indexOf(ps, name); i >= 0 {
		ps[i].Value = v
		return ps
	}
	return append(ps, Property{Name: name, Value: v})
}

func asString(v any, _ bool) string {
	s, _ := v.(string)
	return s
}

func asNumber(v any, _ bool) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int32:
		return float64(v), true
	}
	return 0, false
}
