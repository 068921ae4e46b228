package access

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestApproval(t *testing.T) {
	asked := time.Now()
	var says func(valid bool, reason string)
	var last *Approval
	ended, reasons := 0, []string(nil)
	ask := func() *Approval {
		approver := func(a Applicant, update func(bool, string)) func() {
			require.Equal(t, Applicant{App: "live", Key: "cam"}, a)
			says = update
			return func() { ended++ }
		}
		return Ask(approver, Applicant{App: "live", Key: "cam"}, asked, func(a *Approval, _ bool, reason string) {
			last, reasons = a, append(reasons, reason)
		})
	}

	a := ask()
	says(false, "no")
	require.Same(t, a, last, "an answer says what it is about")
	require.Equal(t, []string{"no"}, reasons)
	require.False(t, a.Late(asked.Add(time.Second), time.Second), "at the limit")
	require.True(t, a.Late(asked.Add(time.Second+1), time.Second), "one above")
	require.Equal(t, Refused, a.Take(false))

	a = ask()
	require.Equal(t, Granted, a.Take(true))
	require.Equal(t, Unchanged, a.Take(true))
	require.False(t, a.Late(asked.Add(time.Hour), time.Second), "whoever was let in stays")
	require.Equal(t, Withdrawn, a.Take(false))
	require.Zero(t, ended)
	a.End()
	require.Equal(t, 1, ended)
}
