package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// rtmpModule is nginx's RTMP module as Debian installs it.
const rtmpModule = "/usr/lib/nginx/modules/ngx_rtmp_module.so"

// installNginx installs nginx and its RTMP module unless they are there.
func installNginx(ctx context.Context) error {
	_, err := exec.LookPath("nginx")
	if _, missing := os.Stat(rtmpModule); err == nil && missing == nil {
		return nil
	}
	fmt.Println("installing nginx and libnginx-mod-rtmp")
	install := "apt-get update -q && apt-get install -y -q --no-install-recommends nginx libnginx-mod-rtmp"
	if os.Geteuid() != 0 {
		install = "sudo sh -c '" + install + "'"
	}
	return command(ctx, "sh", "-c", install)
}

// build builds our programs into a directory.
func build(ctx context.Context, dir string) error {
	for name, path := range map[string]string{"mmids": ".", "load": "./bench/load", "floor": "./bench/floor"} {
		if err := command(ctx, "go", "build", "-o", filepath.Join(dir, name), path); err != nil {
			return fmt.Errorf("build %s: %w", name, err)
		}
	}
	return nil
}

func command(ctx context.Context, name string, args ...string) error {
	c := exec.CommandContext(ctx, name, args...)
	c.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	c.Stdout, c.Stderr = os.Stderr, os.Stderr
	return c.Run()
}

// says is what a command prints, in one line.
func says(name string, args ...string) string {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(out)), " ")
}

// versions are those of everything that was measured.
func versions() map[string]string {
	return map[string]string{
		"mmids":      says("git", "describe", "--always", "--dirty", "--tags"),
		"go":         says("go", "env", "GOVERSION"),
		"nginx":      says("dpkg-query", "-W", "-f", "${Version}", "nginx"),
		"nginx-rtmp": says("dpkg-query", "-W", "-f", "${Version}", "libnginx-mod-rtmp"),
	}
}
