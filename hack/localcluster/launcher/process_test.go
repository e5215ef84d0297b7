package launcher

import (
	"context"
	"errors"
	"io"
	"log"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// shell is a component that is a shell script.
func shell(t *testing.T, script string, ready probe) *process {
	l := Layout{t.TempDir()}
	if err := l.create(); err != nil {
		t.Fatal(err)
	}
	s := spec{name: "script", binary: "/bin/sh", args: []string{"-c", script}, ready: ready}
	p := newProcess(s, l, newSpawner(), log.New(io.Discard, "", 0))
	p.changed = func() {}
	t.Cleanup(p.stop)
	return p
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

func eventually(t *testing.T, what string, check func() bool) {
	t.Helper()
	for range 500 {
		if check() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("not in 5s: %s", what)
}

func TestProcessThatEndsIsStartedAgain(t *testing.T) {
	p := shell(t, "sleep 60", nil)
	p.keepRunning()
	eventually(t, "started", func() bool { return p.status().PID != 0 })
	first := p.status().PID
	if err := p.kill(syscall.SIGKILL, 0); err != nil {
		t.Fatal(err)
	}
	eventually(t, "started again", func() bool { s := p.status(); return s.PID != 0 && s.PID != first })
	if s := p.status(); s.Restarts != 1 || !strings.Contains(s.LastEnd, "killed") {
		t.Errorf("got %+v", s)
	}
}

func TestStopLeavesNothing(t *testing.T) {
	p := shell(t, "trap '' TERM; sleep 60 & echo $! > child; wait; sleep 60", nil)
	p.keepRunning()
	eventually(t, "started", func() bool { _, err := os.Stat(p.layout.path("child")); return err == nil })
	pid := p.status().PID
	p.stop()
	child, err := holder(p.layout.path("child"))
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "both are gone", func() bool { return !alive(pid) && !alive(child) })
	if p.status().PID != 0 {
		t.Error("it was started again")
	}
}

func TestEndBeforeReadyIsAFailure(t *testing.T) {
	p := shell(t, "echo no such flag; exit 3", func(context.Context) error { return errors.New("not yet") })
	p.keepRunning()
	err := p.awaitReady(context.Background())
	if err == nil || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("got %v", err)
	}
	if text := tail(p.layout.Log("script")); !strings.Contains(text, "no such flag") {
		t.Errorf("its log has %q", text)
	}
}
