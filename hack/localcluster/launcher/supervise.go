package launcher

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// The files that a supervisor inherits from `up`, which sends the Config to
// its standard input.
const (
	eventsFD = 3
	lockFD   = 4
)

// supervise is the detached process behind a cluster.
func supervise(_ []string, installer Installer) error {
	var c Config
	if err := json.NewDecoder(os.Stdin).Decode(&c); err != nil {
		return err
	}
	// Else every component would hold the lock, and the pipe open.
	syscall.CloseOnExec(eventsFD)
	syscall.CloseOnExec(lockFD)
	events := os.NewFile(eventsFD, "events")
	lock := &lock{file: os.NewFile(lockFD, "lock"), path: Layout{c.Dir}.lock()}
	defer lock.release(true) // also keeps the garbage collector from closing it
	if err := lock.write(); err != nil {
		return err
	}
	binaries, err := findBinaries(c)
	if err != nil {
		return err
	}
	signal.Ignore(syscall.SIGPIPE, syscall.SIGHUP) // `up` may be gone
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	err = superviseCluster(endWithOwner(ctx, c.Owner), c, binaries, installer, eventPipe(events), newLogger(os.Stderr))
	if err != nil {
		return errSilent // it is in the log and has been sent to `up`
	}
	return nil
}

func superviseCluster(ctx context.Context, c Config, b Binaries, i Installer, sink eventSink, logger *log.Logger) error {
	s, err := newSupervisor(c, b, i, sink, logger)
	if err != nil {
		logger.Print(err)
		sink(Event{Failed: err.Error()})
		return err
	}
	defer s.layout.clean(true) // nobody else may be there to do it
	return s.run(ctx)
}

const watchInterval = 500 * time.Millisecond

// endWithOwner ends a context when a process has ended.
func endWithOwner(ctx context.Context, pid int) context.Context {
	if pid == 0 {
		return ctx
	}
	return endWhen(ctx, fmt.Errorf("process %d, the owner, has ended", pid), func() bool {
		return syscall.Kill(pid, 0) == syscall.ESRCH
	})
}

// endWithParent ends a context when this process has lost its parent.
func endWithParent(ctx context.Context) context.Context {
	parent := os.Getppid()
	return endWhen(ctx, fmt.Errorf("the parent process has ended"), func() bool { return os.Getppid() != parent })
}

func endWhen(ctx context.Context, cause error, over func() bool) context.Context {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		for !over() {
			select {
			case <-ctx.Done():
				return
			case <-time.After(watchInterval):
			}
		}
		cancel(cause)
	}()
	return ctx
}
