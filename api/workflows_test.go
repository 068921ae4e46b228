package api

import (
	"context"

	"mmids/engine/config"
	"mmids/engine/workflow"
)

var _ Workflows = (*workflow.Manager)(nil)

// fakeWorkflows is a manager made of functions. What is nil does nothing.
type fakeWorkflows struct {
	upsert  func(ctx context.Context, requestID string, w config.Workflow) error
	stop    func(ctx context.Context, requestID, name string) error
	list    func() []workflow.Summary
	details func(ctx context.Context, name string) (workflow.Details, error)
	check   func(w config.Workflow) []config.Mistake
	plan    func(ctx context.Context, w config.Workflow) (workflow.Plan, error)

	definition func(ctx context.Context, name string) (config.Workflow, error)
}

func (f fakeWorkflows) Definition(ctx context.Context, name string) (config.Workflow, error) {
	if f.definition == nil {
		return config.Workflow{}, workflow.ErrNotFound
	}
	return f.definition(ctx, name)
}

func (f fakeWorkflows) Plan(ctx context.Context, w config.Workflow) (workflow.Plan, error) {
	if f.plan == nil {
		return workflow.PlanOfNew(w), nil
	}
	return f.plan(ctx, w)
}

func (f fakeWorkflows) Upsert(ctx context.Context, requestID string, w config.Workflow) error {
	if f.upsert == nil {
		return nil
	}
	return f.upsert(ctx, requestID, w)
}

func (f fakeWorkflows) Stop(ctx context.Context, requestID, name string) error {
	if f.stop == nil {
		return nil
	}
	return f.stop(ctx, requestID, name)
}

func (f fakeWorkflows) Summaries() []workflow.Summary {
	if f.list == nil {
		return nil
	}
	return f.list()
}

func (f fakeWorkflows) Details(ctx context.Context, name string) (workflow.Details, error) {
	if f.details == nil {
		return workflow.Details{}, workflow.ErrNotFound
	}
	return f.details(ctx, name)
}

func (f fakeWorkflows) Check(w config.Workflow) []config.Mistake {
	if f.check == nil {
		return nil
	}
	return f.check(w)
}
