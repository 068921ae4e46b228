package main

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLoadGenerator runs the load generator against the server for a moment: it must find everything delivered, and its
// result must be readable.
func TestLoadGenerator(t *testing.T) {
	t.Parallel()
	load := filepath.Join(t.TempDir(), "load")
	out, err := exec.Command("go", "build", "-o", load, "./bench/load").CombinedOutput()
	require.NoError(t, err, string(out))
	s := startServer(t, "", simple)
	p := startProcess(t, load, "-target", s.url("live"), "-publishers", "3", "-viewers", "20", "-verify", "2",
		"-seconds", "2", "-pid", fmt.Sprint(s.cmd.Process.Pid))
	p.succeeds(patience)
	lines := strings.Split(strings.TrimSpace(p.output.String()), "\n")
	var result struct {
		Complete         bool
		PacketsSent      int `json:"packets_sent"`
		PacketsDelivered int `json:"packets_delivered"`
		BytesDelivered   int `json:"bytes_delivered"`
		BytesExpected    int `json:"bytes_expected"`
		Server           struct {
			MemoryMax int `json:"memory_max"`
		}
	}
	require.NoError(t, json.Unmarshal([]byte(lines[len(lines)-1]), &result))
	require.True(t, result.Complete)
	require.Positive(t, result.PacketsSent)
	require.Equal(t, 2*result.PacketsSent, result.PacketsDelivered)
	require.Positive(t, result.BytesDelivered)
	require.Equal(t, result.BytesExpected, result.BytesDelivered)
	require.Positive(t, result.Server.MemoryMax)

	wrong := startProcess(t, load, "-target", s.url("nowhere"), "-seconds", "1")
	require.Equal(t, 1, wrong.wait(patience))
	require.Contains(t, wrong.output.String(), "NetConnection.Connect.Rejected")
}
