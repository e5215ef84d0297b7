package launcher

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"reflect"
	"syscall"
	"time"
)

// up starts a cluster and returns when it is ready. A cluster that runs
// already is what was asked for, too.
func up(args []string, installer Installer) error {
	flags, err := parseUp(args, os.Stderr)
	if err != nil {
		return err
	}
	binaries, err := findBinaries(flags.config)
	if err != nil {
		return err
	}
	started := time.Now()
	tell := func(text string) { fmt.Printf("[%5.1fs] %s\n", time.Since(started).Seconds(), text) }
	l := Layout{flags.config.Dir}
	if err := os.MkdirAll(l.Dir, 0o700); err != nil {
		return err
	}
	lock, err := acquire(l.lock())
	if errors.Is(err, errRunning) {
		return joinRunning(l, flags.config, tell)
	}
	if err != nil {
		return err
	}
	if err := prepare(l, tell); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	sink := func(e Event) {
		if e.Text != "" {
			tell(e.Text)
		}
		if e.Ready {
			tell(fmt.Sprintf("cluster %s is ready: export KUBECONFIG=%s", flags.config.Name, l.Admin()))
		}
	}
	if flags.foreground {
		return runForeground(ctx, flags.config, binaries, installer, lock, sink)
	}
	return runDetached(ctx, flags.config, lock, sink)
}

// prepare makes the folder ready for a new cluster.
func prepare(l Layout, tell func(string)) error {
	if _, err := os.Stat(l.State()); err == nil {
		tell("removing what is left of a cluster that did not end properly")
	}
	if err := l.clean(false); err != nil {
		return err
	}
	return l.create()
}

func runForeground(ctx context.Context, c Config, b Binaries, i Installer, lock *lock, sink eventSink) error {
	l := Layout{c.Dir}
	logFile, err := os.Create(l.Log("supervisor"))
	if err != nil {
		return err
	}
	defer logFile.Close()
	ctx = endWithParent(endWithOwner(ctx, c.Owner))
	defer lock.release(true)
	return superviseCluster(ctx, c, b, i, sink, newLogger(logFile))
}

// runDetached starts a supervisor that outlives this process, and follows it
// until the cluster is ready. The supervisor inherits the lock.
func runDetached(ctx context.Context, c Config, lock *lock, sink eventSink) error {
	l := Layout{c.Dir}
	supervisor, events, err := startSupervisor(c, lock)
	if err != nil {
		return err
	}
	lock.release(false)
	result := make(chan error, 1)
	go func() { result <- readEvents(events, sink) }()
	select {
	case err = <-result:
	case <-ctx.Done():
		err = fmt.Errorf("interrupted; the cluster is stopped again")
		supervisor.Process.Signal(syscall.SIGTERM)
	}
	if err == nil {
		return supervisor.Process.Release()
	}
	supervisor.Wait()
	return fmt.Errorf("%w\n%s has the logs", err, l.path("logs"))
}

func startSupervisor(c Config, lock *lock) (*exec.Cmd, io.Reader, error) {
	l := Layout{c.Dir}
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	config, err := json.Marshal(c)
	if err != nil {
		return nil, nil, err
	}
	logFile, err := os.Create(l.Log("supervisor"))
	if err != nil {
		return nil, nil, err
	}
	defer logFile.Close()
	events, write, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	defer write.Close()
	command := exec.Command(self, "supervise", "--dir", c.Dir)
	command.Dir = "/" // so that it holds no folder of its user's
	command.Stdin = bytes.NewReader(config)
	command.Stdout, command.Stderr = logFile, logFile
	command.ExtraFiles = []*os.File{write, lock.file} // see supervise
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return command, events, command.Start()
}

// joinRunning waits for a cluster that somebody else has started.
func joinRunning(l Layout, wanted Config, tell func(string)) error {
	client := newControlClient(l)
	deadline := time.Now().Add(wanted.Timeout)
	for {
		status, err := client.status()
		switch {
		case err == nil && status.State == stateReady:
			tell(fmt.Sprintf("cluster %s is already running: export KUBECONFIG=%s", status.Name, status.Kubeconfig))
			if !sameCluster(status.Config, wanted) {
				tell("it was started with other flags, which stay as they are; to change them, take it down first")
			}
			return nil
		case err == nil && status.State != stateStarting:
			return fmt.Errorf("the cluster in %s is %s; try again when it is gone", l.Dir, status.State)
		case time.Now().After(deadline):
			return fmt.Errorf("the cluster in %s is not ready after %s (%w)", l.Dir, wanted.Timeout, err)
		}
		time.Sleep(4 * probeInterval)
	}
}

// sameCluster ignores what does not change the running cluster.
func sameCluster(a, b Config) bool {
	a.Timeout, a.Owner = b.Timeout, b.Owner
	return reflect.DeepEqual(a.normal(), b.normal())
}

func newLogger(w io.Writer) *log.Logger {
	return log.New(w, "", log.LstdFlags|log.Lmicroseconds)
}
