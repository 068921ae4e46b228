package config

// builder gives blocks their meaning.
type builder struct {
	*mistakes
	document Document

	settings      paramList
	settingsBlock *place         // the first one
	reactors      map[string]int // line of the first one of that name
	workflows     map[string]int // likewise
}

func newBuilder(found *mistakes) *builder {
	return &builder{mistakes: found, reactors: map[string]int{}, workflows: map[string]int{}}
}

func (b *builder) add(block *block) {
	switch kind(block.word) {
	case settingsKind:
		b.addSettings(block)
	case reactorKind:
		b.addReactor(block)
	case workflowKind:
		b.addWorkflow(block)
	default:
		b.report(IDBlock, block.at, quote(block.word)+" is no kind of block", "write settings, reactor NAME or workflow NAME")
	}
}

// finish returns the document. The builder must not be used afterwards.
func (b *builder) finish() *Document {
	for _, param := range b.settings.params {
		b.document.Settings = append(b.document.Settings, Setting(param))
	}
	sortByPosition(b.warnings)
	b.document.Warnings = b.warnings
	return &b.document
}

func (b *builder) param(arg argument) Param {
	param := Param{Name: arg.name, Value: arg.value, HasValue: arg.hasValue, Pos: arg.at.in(b.file)}
	if arg.hasValue {
		param.ValuePos = arg.valueAt.in(b.file)
	}
	return param
}

// checkEquals looks at an argument that is a flag by the grammar, but has an "=" at one of its ends. It returns false if
// that is a mistake.
func (b *builder) checkEquals(scope string, arg argument) bool {
	switch {
	case arg.dangling():
		name := arg.name[:len(arg.name)-1]
		b.report(IDSyntax, arg.at, scope+": "+quote(arg.name)+` has nothing behind the "="`,
			`write a value, or "" for an empty one, or only `+quote(name))
		return false
	case arg.beginsWithEquals():
		b.warnOfEquals(scope, arg)
	}
	return true
}

func (b *builder) warnOfEquals(scope string, arg argument) {
	b.warn(IDEquals, arg.at, scope+`: a word begins with "="`, `if that is meant, put quotation marks around it; `+
		`otherwise leave out the "=", or the blank before it`)
}

// warnOfColon finds names written as in another language: url: http://…
func (b *builder) warnOfColon(scope string, l line) {
	if n := len(l.word); n > 1 && l.word[n-1] == ':' {
		b.warn(IDColon, l.at, scope+": the name "+quote(l.word)+" ends in a colon, which is part of it",
			"write "+quote(l.word[:n-1]))
	}
}

// paramList is Params under construction: each name once, with its last value, in the place of its first occurrence.
type paramList struct {
	params Params
	index  map[string]int // by name
}

// set adds a parameter. If there was one of that name, it returns that.
func (l *paramList) set(param Param) (old Param, wasSet bool) {
	i, wasSet := l.index[param.Name]
	if wasSet {
		old, l.params[i] = l.params[i], param
		return old, true
	}
	if l.index == nil {
		l.index = map[string]int{}
	}
	l.index[param.Name] = len(l.params)
	l.params = append(l.params, param)
	return Param{}, false
}
