package launcher

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"
)

// The states of a cluster.
const (
	stateStarting = "starting"
	stateReady    = "ready"
	stateFailed   = "failed"
	stateStopping = "stopping"
	stateCrashed  = "crashed" // its files are there, its supervisor is not
	stateAbsent   = "absent"
	stateSilent   = "not answering"
)

// Status is what `localcluster status` tells.
type Status struct {
	Name       string            `json:"name"`
	Dir        string            `json:"dir"`
	State      string            `json:"state"`
	PID        int               `json:"pid"` // the supervisor's
	Started    time.Time         `json:"started"`
	Server     string            `json:"server"`
	Kubeconfig string            `json:"kubeconfig"`
	Config     Config            `json:"config"`
	Components []ComponentStatus `json:"components"`
}

// ComponentStatus is one row of it.
type ComponentStatus struct {
	Name     string `json:"name"`
	PID      int    `json:"pid"` // 0: not running
	Port     int    `json:"port"`
	Ready    bool   `json:"ready"`
	Reason   string `json:"reason,omitempty"` // why it is not ready
	Restarts int    `json:"restarts"`
	LastEnd  string `json:"lastEnd,omitempty"`
	Log      string `json:"log"`
}

// Ready tells whether everything runs as it should.
func (s Status) Ready() bool {
	for _, c := range s.Components {
		if !c.Ready {
			return false
		}
	}
	return s.State == stateReady
}

func (s Status) save(l Layout) error {
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	next := l.State() + ".new"
	if err := os.WriteFile(next, data, 0o600); err != nil {
		return err
	}
	return os.Rename(next, l.State())
}

func loadStatus(l Layout) (Status, error) {
	var s Status
	data, err := os.ReadFile(l.State())
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(data, &s)
}

// print writes the table for people.
func (s Status) print(out io.Writer) {
	fmt.Fprintf(out, "%s is %s (%s)\n", s.Name, s.State, s.Dir)
	if len(s.Components) == 0 {
		return
	}
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "COMPONENT\tPID\tPORT\tREADY\tRESTARTS\tLOG")
	for _, c := range s.Components {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\t%s\n", c.Name, number(c.PID), number(c.Port), yesNo(c.Ready), c.Restarts, c.Log)
	}
	table.Flush()
	for _, c := range s.Components {
		if c.Reason != "" {
			fmt.Fprintf(out, "%s is not ready: %s\n", c.Name, c.Reason)
		}
		if c.LastEnd != "" {
			fmt.Fprintf(out, "%s last ended: %s\n", c.Name, c.LastEnd)
		}
	}
}

func number(n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func (s Status) component(name string) ComponentStatus {
	for _, c := range s.Components {
		if c.Name == name {
			return c
		}
	}
	return ComponentStatus{}
}
