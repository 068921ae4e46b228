package config

import "fmt"

func (b *builder) addSettings(block *block) {
	scope := block.scope()
	if b.settingsBlock == nil {
		b.settingsBlock = &block.at
	} else {
		b.warn(IDSettingsBlocks, block.at, fmt.Sprintf("another settings block (the first is in line %d)", b.settingsBlock.line),
			"they are merged and the later value wins; better write one")
	}
	if len(block.args) > 0 {
		b.report(IDSettingsArguments, block.args[0].at, scope+": "+quote(block.args[0].name)+` stands before the "{"`,
			`write settings in lines of their own between the braces`)
	}
	for _, l := range block.lines {
		setting := b.setting(scope, l, IDSettingMany, IDSettingPair)
		old, wasSet := b.settings.set(setting)
		if wasSet && (old.Value != setting.Value || old.HasValue != setting.HasValue) {
			b.warn(IDSettingTwice, l.at, scope+": "+quote(l.word)+" is set again to another value",
				fmt.Sprintf("this one counts; remove the one in line %d", old.Pos.Line))
		}
	}
}

// setting reads a line that is a name with at most one value: of a settings block, or of a reactor. The IDs are those of
// its mistakes; with one, the result means nothing.
func (b *builder) setting(scope string, l line, idMany, idPair string) Param {
	b.warnOfColon(scope, l)
	setting := Param{Name: l.word, Pos: l.at.in(b.file)}
	if len(l.args) == 0 {
		return setting
	}

	first := l.args[0]
	if first.beginsWithEquals() && first.joinedTo(l.word, l.at) {
		// The grammar says that the value is "=9000", which nobody means by port=9000.
		value := shown(l.word, first.name[1:])
		right := value
		if right == "" {
			right = "VALUE"
		}
		b.report(IDSyntax, l.at, scope+": "+quote(l.word+"="+value)+" is one word here", "write "+quote(l.word+" "+right))
		return setting
	}

	var values paramList
	for _, arg := range l.args {
		values.set(b.param(arg))
	}
	if len(values.params) > 1 {
		hint := "put quotation marks around a value with blanks"
		if first.beginsWithEquals() {
			hint = `no "=" stands between a setting and its value`
		}
		b.report(idMany, values.params[1].Pos.place(), scope+": "+quote(l.word)+" has more than one value", hint)
	} else if first.beginsWithEquals() {
		b.warnOfEquals(scope, first)
	}
	for _, value := range values.params {
		if value.HasValue {
			b.report(idPair, value.Pos.place(), scope+": the value of "+quote(l.word)+" is NAME=VALUE",
				`put quotation marks around a value with "="`)
			break
		}
	}
	value := values.params[0]
	setting.Value, setting.HasValue, setting.ValuePos = value.Name, true, value.Pos
	return setting
}
