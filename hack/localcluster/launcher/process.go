package launcher

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

const (
	minBackoff   = 200 * time.Millisecond
	maxBackoff   = 10 * time.Second
	steadyAfter  = 30 * time.Second // a process that ran this long starts again without delay
	stopPatience = time.Second      // from SIGTERM to SIGKILL
)

// process keeps one component running: when it ends, it is started again.
type process struct {
	spec    spec
	layout  Layout
	spawner *spawner
	log     *log.Logger
	changed func() // called when it was started or has ended

	mu       sync.Mutex
	pid      int           // 0: not running
	done     chan struct{} // closed when the running one has ended
	restarts int
	lastEnd  string        // how it last ended
	downFor  time.Duration // asked for with a restart
	asked    bool          // whether its end was asked for
	stopping bool
	stopped  chan struct{} // closed when it is not to run any more
}

func newProcess(s spec, l Layout, spawner *spawner, logger *log.Logger) *process {
	return &process{spec: s, layout: l, spawner: spawner, log: logger, stopped: make(chan struct{})}
}

// keepRunning starts the component and returns; it stays up until stop.
func (p *process) keepRunning() { go p.loop() }

func (p *process) loop() {
	backoff := minBackoff
	for {
		started := time.Now()
		end := p.runOnce()
		if p.isStopping() {
			return
		}
		pause := backoff
		if backoff = min(2*backoff, maxBackoff); time.Since(started) > steadyAfter {
			pause, backoff = minBackoff, minBackoff
		}
		pause = p.ended(end, pause)
		p.changed()
		select {
		case <-time.After(pause):
		case <-p.stopped:
			return
		}
	}
}

// runOnce runs the component until it ends and says how it ended.
func (p *process) runOnce() string {
	logFile, err := os.OpenFile(p.layout.Log(p.spec.name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err.Error()
	}
	defer logFile.Close()
	command := exec.Command(p.spec.binary, p.spec.args...)
	command.Dir = p.layout.Dir
	command.Env = append(append(os.Environ(), "TMPDIR="+p.layout.Temp()), p.spec.env...)
	command.Stdout, command.Stderr = logFile, logFile
	command.SysProcAttr = childAttributes()
	done, err := p.start(command)
	if err != nil {
		return err.Error()
	}
	p.changed()
	command.Wait()
	killGroup(command.Process.Pid) // what it may have started
	p.mu.Lock()
	p.pid = 0
	p.mu.Unlock()
	close(done)
	return command.ProcessState.String()
}

// start is one step with isStopping: a process never starts after stop.
func (p *process) start(command *exec.Cmd) (chan struct{}, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopping {
		return nil, fmt.Errorf("not started: the cluster stops")
	}
	if err := p.spawner.start(command); err != nil {
		return nil, err
	}
	p.pid, p.done = command.Process.Pid, make(chan struct{})
	p.log.Printf("%s started, pid %d", p.spec.name, p.pid)
	return p.done, nil
}

// ended notes an end and returns how long to wait before the next start.
func (p *process) ended(end string, pause time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.restarts++
	p.lastEnd = end
	if p.asked {
		pause = p.downFor
	}
	p.asked, p.downFor = false, 0
	p.log.Printf("%s ended: %s; it starts again in %s (restart %d)", p.spec.name, end, pause, p.restarts)
	return pause
}

// kill ends the component, which then starts again after downFor.
func (p *process) kill(signal syscall.Signal, downFor time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pid == 0 {
		return fmt.Errorf("%s is not running", p.spec.name)
	}
	p.asked, p.downFor = true, downFor
	return syscall.Kill(p.pid, signal)
}

// stop ends the component for good: SIGTERM, and SIGKILL if that does not help.
func (p *process) stop() {
	p.mu.Lock()
	if !p.stopping {
		p.stopping = true
		close(p.stopped)
	}
	pid, done := p.pid, p.done
	p.mu.Unlock()
	if pid == 0 {
		return
	}
	syscall.Kill(pid, syscall.SIGTERM)
	select {
	case <-done:
	case <-time.After(stopPatience):
		killGroup(pid)
		<-done
	}
}

func killGroup(pid int) { syscall.Kill(-pid, syscall.SIGKILL) }

func (p *process) isStopping() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stopping
}

// awaitReady waits for the component's first readiness. One that ends before is
// not given a second chance: what is wrong then is better told than retried.
func (p *process) awaitReady(ctx context.Context) error {
	return await(ctx, func(ctx context.Context) error {
		if status := p.status(); status.Restarts > 0 {
			return fatal{fmt.Errorf("it ended before it was ready: %s", status.LastEnd)}
		}
		return p.spec.ready(ctx)
	})
}

// examine tells why the component is not ready, nil if it is.
func (p *process) examine(ctx context.Context) error {
	if p.status().PID == 0 {
		return fmt.Errorf("it is not running")
	}
	return p.spec.ready(ctx)
}

// status is what is known without asking the component.
func (p *process) status() ComponentStatus {
	p.mu.Lock()
	defer p.mu.Unlock()
	return ComponentStatus{
		Name: p.spec.name, PID: p.pid, Port: p.spec.port, Restarts: p.restarts,
		LastEnd: p.lastEnd, Log: p.layout.Log(p.spec.name),
	}
}
