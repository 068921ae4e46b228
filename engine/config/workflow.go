package config

import "fmt"

const routedByReactor = "routed_by_reactor"

func (b *builder) addWorkflow(block *block) {
	scope := block.scope()
	workflow := Workflow{Pos: block.at.in(b.file)}
	if len(block.args) == 0 && !block.damaged {
		b.workflowNoName(block.at)
	}
	for i, arg := range block.args {
		switch {
		case !b.checkEquals(scope, arg):
		case i == 0 && arg.hasValue:
			b.report(IDWorkflowName, arg.at, scope+": "+quote(arg.name+"="+shown(arg.name, arg.value))+" stands where the name belongs",
				"write workflow NAME {")
		case i == 0 && arg.name == "":
			b.workflowNoName(arg.at)
		case i == 0:
			workflow.Name = arg.name
			b.checkWorkflowTwice(workflow.Name, arg.at)
		case arg.name == routedByReactor && arg.hasValue:
			b.report(IDWorkflowRouted, arg.at, scope+": "+routedByReactor+" takes no value", "write only "+routedByReactor)
		case arg.name == routedByReactor:
			workflow.RoutedByReactor = true
		default:
			b.warn(IDUnknownArgument, arg.at, scope+": "+quote(arg.name)+" is unknown and ignored",
				"behind its name, a workflow takes only "+routedByReactor+"; steps go between the braces")
		}
	}
	for _, l := range block.lines {
		workflow.Steps = append(workflow.Steps, b.step(scope, l))
	}
	b.document.Workflows = append(b.document.Workflows, workflow)
}

func (b *builder) workflowNoName(at place) {
	b.report(IDWorkflowNoName, at, "the workflow has no name", "write workflow NAME {")
}

func (b *builder) checkWorkflowTwice(name string, at place) {
	if line, isTwice := b.workflows[name]; isTwice {
		b.report(IDWorkflowTwice, at, fmt.Sprintf("workflow %s is defined again (first in line %d)", quote(name), line),
			"give one of them another name")
		return
	}
	b.workflows[name] = at.line
}

func (b *builder) step(scope string, l line) Step {
	b.warnOfColon(scope, l)
	args := l.args
	if len(args) > 0 && args[0].beginsWithEquals() && args[0].joinedTo(l.word, l.at) {
		b.report(IDSyntax, l.at, scope+": a step cannot be NAME=VALUE, as "+quote(l.word+"=")+" is",
			"write the step and all its parameters in one line, for example: rtmp_receive rtmp_app=live stream_key=*")
		args = args[1:]
	}
	var params paramList
	for _, arg := range args {
		if b.checkEquals(scope, arg) {
			params.set(b.param(arg))
		}
	}
	return Step{Type: l.word, Params: params.params, Pos: l.at.in(b.file)}
}
