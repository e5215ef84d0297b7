package launcher

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// status shows a cluster; it fails unless all of it is ready.
func status(args []string, _ Installer) error {
	var dir string
	var asJSON bool
	flags := newFlags("status", "status --dir DIR [--json]", &dir, os.Stderr)
	flags.BoolVar(&asJSON, "json", false, "print JSON")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := complete(flags, &dir); err != nil {
		return err
	}
	s := observe(Layout{dir})
	if asJSON {
		encoder := json.NewEncoder(os.Stdout)
		encoder.SetIndent("", "  ")
		encoder.Encode(s)
	} else {
		s.print(os.Stdout)
	}
	if !s.Ready() {
		return errSilent
	}
	return nil
}

// observe finds out what is in a folder: the supervisor's word if there is
// one, otherwise what a dead one has left.
func observe(l Layout) Status {
	if held(l.lock()) {
		if s, err := newControlClient(l).status(); err == nil {
			return s
		}
		pid, _ := holder(l.lock())
		return Status{Name: filepath.Base(l.Dir), Dir: l.Dir, State: stateSilent, PID: pid}
	}
	s, err := loadStatus(l)
	if err != nil {
		return Status{Name: filepath.Base(l.Dir), Dir: l.Dir, State: stateAbsent}
	}
	s.State, s.PID = stateCrashed, 0
	for i := range s.Components {
		s.Components[i].PID = 0
	}
	return s
}

// restart kills a component and waits until it is ready again.
func restart(args []string, _ Installer) error {
	var dir, signal string
	var downFor, timeout time.Duration
	flags := newFlags("restart", "restart --dir DIR [flags] COMPONENT", &dir, os.Stderr)
	flags.StringVar(&signal, "signal", "KILL", "KILL or TERM")
	flags.DurationVar(&downFor, "down-for", 0, "how long it stays down")
	flags.DurationVar(&timeout, "timeout", time.Minute, "how long to wait until it is ready again; 0 does not wait")
	if err := flags.Parse(args); err != nil {
		return err
	}
	component := flags.Arg(0)
	if err := flags.Parse(flags.Args()[min(1, flags.NArg()):]); err != nil { // flags may follow, too
		return err
	}
	if err := complete(flags, &dir); err != nil {
		return err
	}
	if component == "" {
		return fmt.Errorf("name a component: %v", componentNames)
	}
	client := newControlClient(Layout{dir})
	before, err := client.status()
	if err != nil {
		return fmt.Errorf("no cluster runs in %s", dir)
	}
	if err := client.restart(component, signal, downFor); err != nil {
		return err
	}
	return awaitRestart(client, component, before, timeout+downFor, timeout == 0)
}

func awaitRestart(client *controlClient, component string, before Status, timeout time.Duration, atOnce bool) error {
	started := time.Now()
	for !atOnce {
		now, err := client.status()
		if err != nil {
			return err
		}
		c := now.component(component)
		if c.Restarts > before.component(component).Restarts && c.Ready {
			fmt.Printf("%s is ready again after %.1fs, pid %d\n", component, time.Since(started).Seconds(), c.PID)
			return nil
		}
		if time.Since(started) > timeout {
			return fmt.Errorf("%s is not ready again after %s: %s (see %s)", component, timeout, c.Reason, c.Log)
		}
		time.Sleep(probeInterval)
	}
	return nil
}
