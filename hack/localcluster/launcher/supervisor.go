package launcher

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"sync"
	"time"
)

// supervisor owns all processes of one cluster. When it ends, however it ends,
// they end.
type supervisor struct {
	config    Config
	layout    Layout
	ports     *Ports
	log       *log.Logger
	installer Installer
	events    eventSink
	processes []*process
	started   time.Time

	saving sync.Mutex
	mu     sync.Mutex
	state  string
}

// newSupervisor prepares the cluster's folder. The caller holds its lock.
func newSupervisor(c Config, binaries Binaries, installer Installer, events eventSink, logger *log.Logger) (*supervisor, error) {
	l := Layout{c.Dir}
	ports, err := choosePorts(c.FixedPorts)
	if err != nil {
		return nil, err
	}
	s := &supervisor{config: c, layout: l, ports: ports, log: logger, installer: installer, events: events,
		started: time.Now(), state: stateStarting}
	if err := writePKI(l); err != nil {
		return nil, err
	}
	if err := writeKubeconfigs(l, c.Name, ports.Of(apiServer)); err != nil {
		return nil, err
	}
	probes, err := newProber(l)
	if err != nil {
		return nil, err
	}
	plan := planner{config: c, layout: l, ports: ports, binaries: binaries, probes: probes}
	spawner := newSpawner()
	for _, spec := range plan.specs() {
		process := newProcess(spec, l, spawner, logger)
		process.changed = s.save
		s.processes = append(s.processes, process)
	}
	return s, nil
}

// run brings the cluster up and keeps it up until the context ends. The error
// says why it did not come up.
func (s *supervisor) run(ctx context.Context) error {
	control, err := serveControl(s)
	if err != nil {
		return err
	}
	defer control.Close()
	defer s.ports.Close()
	defer s.stopAll()
	s.save()
	if err := s.bringUp(ctx); err != nil {
		s.setState(stateFailed)
		failure := s.explain(err)
		s.log.Print(failure)
		s.events(Event{Failed: failure})
		return err
	}
	s.setState(stateReady)
	s.log.Printf("ready after %.1fs", time.Since(s.started).Seconds())
	s.events(Event{Ready: true})
	<-ctx.Done()
	s.log.Printf("stopping: %s", context.Cause(ctx))
	return nil
}

func (s *supervisor) bringUp(ctx context.Context) error {
	late := fmt.Errorf("not ready after %s", s.config.Timeout)
	ctx, cancel := context.WithTimeoutCause(ctx, s.config.Timeout, late)
	defer cancel()
	return runSteps(ctx, s.steps(), func(name string) {
		s.log.Printf("%s ready", name)
		s.events(Event{Text: name + " ready"})
	})
}

func (s *supervisor) steps() []step {
	var steps []step
	for _, p := range s.processes {
		steps = append(steps, step{name: p.spec.name, after: p.spec.after, run: func(ctx context.Context) error {
			p.keepRunning()
			return p.awaitReady(ctx)
		}})
	}
	site := s.site()
	if s.config.needsDefinitions() {
		steps = append(steps, step{name: stepDefinitions, after: []string{apiServer}, run: func(ctx context.Context) error {
			return s.installer.Definitions(ctx, site)
		}})
	}
	if s.config.runs(virtAPI) {
		steps = append(steps, step{name: stepAdmission, after: []string{virtAPI}, run: func(ctx context.Context) error {
			return s.installer.Admission(ctx, site)
		}})
	}
	return steps
}

func (s *supervisor) site() Site {
	ca, _ := os.ReadFile(s.layout.Cert("ca"))
	return Site{
		Kubeconfig: s.layout.Admin(), CA: ca, VirtAPIPort: s.ports.Of(virtAPI),
		Version: kubeVirtVersion, HasVirtAPI: s.config.runs(virtAPI),
	}
}

// explain turns the failure of a step into what a person needs: which part,
// why, the end of its log and where to read on.
func (s *supervisor) explain(err error) string {
	var failed stepError
	if !errors.As(err, &failed) {
		return err.Error()
	}
	text := fmt.Sprintf("%s did not become ready: %s", failed.step, failed.err)
	if p := s.process(failed.step); p != nil {
		path := s.layout.Log(failed.step)
		text += fmt.Sprintf("\n--- the end of %s:\n%s\n---", path, tail(path))
	}
	return text
}

// stopAll ends all processes, those first that others do not need.
func (s *supervisor) stopAll() {
	s.setState(stateStopping)
	needed := func(p *process) bool { return p.spec.name == apiServer || p.spec.name == etcd }
	for _, now := range []bool{false, true} {
		var all sync.WaitGroup
		for _, p := range s.processes {
			if needed(p) == now {
				all.Add(1)
				go func() {
					defer all.Done()
					p.stop()
				}()
			}
		}
		all.Wait()
	}
}

func (s *supervisor) process(name string) *process {
	for _, p := range s.processes {
		if p.spec.name == name {
			return p
		}
	}
	return nil
}

func (s *supervisor) setState(state string) {
	s.mu.Lock()
	s.state = state
	s.mu.Unlock()
	s.save()
}

// status is what is known without asking the components.
func (s *supervisor) status() Status {
	s.mu.Lock()
	status := Status{
		Name: s.config.Name, Dir: s.layout.Dir, State: s.state, PID: os.Getpid(), Started: s.started,
		Server:     fmt.Sprintf("https://127.0.0.1:%d", s.ports.Of(apiServer)),
		Kubeconfig: s.layout.Admin(), Config: s.config,
	}
	s.mu.Unlock()
	for _, p := range s.processes {
		status.Components = append(status.Components, p.status())
	}
	return status
}

// examine is status with the readiness that each component has right now.
func (s *supervisor) examine(ctx context.Context) Status {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	status := s.status()
	var all sync.WaitGroup
	for i, p := range s.processes {
		all.Add(1)
		go func() {
			defer all.Done()
			c := &status.Components[i]
			if err := p.examine(ctx); err != nil {
				c.Reason = err.Error()
			} else {
				c.Ready = true
			}
		}()
	}
	all.Wait()
	return status
}

// save leaves a record for when the supervisor is gone.
func (s *supervisor) save() {
	s.saving.Lock()
	defer s.saving.Unlock()
	if err := s.status().save(s.layout); err != nil {
		s.log.Printf("cannot write %s: %s", s.layout.State(), err)
	}
}
