package amf

// traits describe the shape that AMF3 objects of a class have in common (AMF3 §3.12).
type traits struct {
	class          string
	sealed         []string
	dynamic        bool
	externalizable bool
	bytes          int // of class and sealed names
}

func (p *parser) object3(depth int) (any, error) {
	u, err := p.uint29()
	if err != nil {
		return nil, err
	}
	if u&flag3Inline == 0 {
		return p.reference3(u >> 1)
	}
	if err := p.left.enter(depth); err != nil {
		return nil, err
	}
	t, err := p.traits3(u)
	if err != nil {
		return nil, err
	}
	if t.externalizable {
		return boxed(p.externalized3(t.class, depth))
	}
	o := &Object{Class: t.class, Sealed: len(t.sealed)}
	p.objects = append(p.objects, o)
	for _, name := range t.sealed {
		v, err := p.value3(depth + 1)
		if err != nil {
			return nil, err
		}
		o.Properties = appendProperty(o.Properties, name, v)
	}
	if !t.dynamic {
		return o, nil
	}
	name, err := p.string3()
	if err != nil {
		return nil, err
	}
	return boxed(o, p.namedValues3(&o.Properties, name, depth+1))
}

// traits3 finds or reads the traits of an object and charges for its class name and its sealed properties. These are
// charged with every object, because each gets its own list of properties.
func (p *parser) traits3(u uint32) (traits, error) {
	if u&flag3InlineTraits != 0 {
		return p.inlineTraits3(u)
	}
	index := int(u >> 2)
	if index >= len(p.traits) {
		return traits{}, ErrReference
	}
	t := p.traits[index]
	if err := p.left.takeNodes(len(t.sealed)); err != nil {
		return traits{}, err
	}
	return t, p.left.takeBytes(t.bytes)
}

func (p *parser) inlineTraits3(u uint32) (traits, error) {
	class, err := p.string3()
	if err != nil {
		return traits{}, err
	}
	t := traits{class: class, bytes: len(class)}
	if u&flag3Externalizable != 0 {
		t.externalizable = true
		p.traits = append(p.traits, t)
		return t, nil
	}
	t.dynamic = u&flag3Dynamic != 0
	for range u >> sealedCountShift {
		if err := p.left.takeNodes(1); err != nil {
			return traits{}, err
		}
		name, err := p.string3()
		if err != nil {
			return traits{}, err
		}
		t.sealed = append(t.sealed, name)
		t.bytes += len(name)
	}
	p.traits = append(p.traits, t)
	return t, nil
}

func (p *parser) externalized3(class string, depth int) (*Externalized, error) {
	if !wrapsOneValue(class) {
		return nil, &ExternalizableError{Class: class}
	}
	x := &Externalized{Class: class}
	p.objects = append(p.objects, x)
	var err error
	x.Value, err = p.value3(depth + 1)
	return x, err
}
