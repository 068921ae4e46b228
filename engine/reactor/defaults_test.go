package reactor

import (
	"testing"

	"mmids/docs/docstest"
)

func TestDefaultsAreDocumented(t *testing.T) {
	docstest.RequireDefault(t, "reactor_workflows_max", workflowsMax)
}
