package fleet

import (
	"path"
	"slices"
	"strconv"
	"sync"
	"time"
)

// faultKind is a way for something to go wrong.
type faultKind string

const (
	faultRefusePod       faultKind = "refuse-pod"              // the kubelet does not admit the pod
	faultImagePull       faultKind = "image-pull"              // an image cannot be pulled
	faultSlowStart       faultKind = "slow-start"              // pod and guest start after a delay
	faultDeaf            faultKind = "deaf"                    // the guest ignores ACPI and its agent does nothing
	faultNoAgent         faultKind = "no-agent"                // the guest has no agent
	faultMigrationFail   faultKind = "migration-fail"          // a live migration fails
	faultMigrationStall  faultKind = "migration-stall"         // a live migration makes no progress
	faultMigrationSlow   faultKind = "migration-slow"          // a live migration takes a delay longer
	faultMigrationRacing faultKind = "migration-ignore-cancel" // a live migration completes although it was cancelled
	faultPlugFail        faultKind = "plug-fail"               // vCPUs and memory are not plugged when a live migration has ended
	faultImportFail      faultKind = "import-fail"             // an import fails, and is tried again and again
	faultImportSlow      faultKind = "import-slow"             // an import takes a delay longer
	faultNoSubresource   faultKind = "subresource-fail"        // virt-handler answers a subresource request with an error
)

var faultKinds = []faultKind{
	faultRefusePod, faultImagePull, faultSlowStart, faultDeaf, faultNoAgent, faultMigrationFail, faultMigrationStall,
	faultMigrationSlow, faultMigrationRacing, faultPlugFail, faultImportFail, faultImportSlow, faultNoSubresource,
}

// fault is a rule: what goes wrong, for whom. It may be there before that whom exists. Empty patterns match all;
// a `*` in a pattern stands for any characters.
type fault struct {
	ID   string    `json:"id"`
	Kind faultKind `json:"kind"`
	// Match is namespace/name of the VMI (for an import: of the DataVolume; for a pod without a VMI: of the pod).
	Match string `json:"match,omitempty"`
	Node  string `json:"node,omitempty"`
	Image string `json:"image,omitempty"`
	// Reason and Message are what is reported, where there is a place for it.
	Reason  string   `json:"reason,omitempty"`
	Message string   `json:"message,omitempty"`
	Delay   duration `json:"delay,omitzero"`
	// Times is how often the rule applies before it is over; 0 is always.
	Times int `json:"times,omitempty"`
	Hits  int `json:"hits"`
}

// subject is what a rule is held against.
type subject struct {
	Key, Node, Image string
}

func (f fault) applies(s subject) bool {
	return matches(f.Match, s.Key) && matches(f.Node, s.Node) && matches(f.Image, s.Image)
}

func matches(pattern, text string) bool {
	if pattern == "" || pattern == "*" {
		return true
	}
	// path.Match stops a star at a slash, and an image has slashes of its own.
	ok, err := path.Match(flat(pattern), flat(text))
	return err == nil && ok
}

func flat(s string) string {
	b := []byte(s)
	for i := range b {
		if b[i] == '/' {
			b[i] = 1
		}
	}
	return string(b)
}

// faults is the list of rules in force.
type faults struct {
	mu     sync.Mutex
	rules  []*fault
	lastID int
	used   map[string]map[string]bool
}

func newFaults() *faults { return &faults{used: map[string]map[string]bool{}} }

func (f *faults) add(rule fault) fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lastID++
	rule.ID, rule.Hits = strconv.Itoa(f.lastID), 0
	f.rules = append(f.rules, &rule)
	return rule
}

// find returns the first rule of that kind for the subject. event names the one occasion the rule is asked for (a pod's
// uid, say): a rule that applies a limited number of times counts each such event once, however often it is asked.
func (f *faults) find(kind faultKind, s subject, event string) (fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, rule := range f.rules {
		if rule.Kind != kind || !rule.applies(s) {
			continue
		}
		seen := f.used[rule.ID][event]
		if rule.Times > 0 && !seen && rule.Hits >= rule.Times {
			continue
		}
		if !seen {
			if f.used[rule.ID] == nil {
				f.used[rule.ID] = map[string]bool{}
			}
			f.used[rule.ID][event] = true
			rule.Hits++
		}
		return *rule, true
	}
	return fault{}, false
}

func (f *faults) list() []fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]fault, 0, len(f.rules))
	for _, rule := range f.rules {
		all = append(all, *rule)
	}
	return all
}

// remove drops the rule with that id, or all rules for an empty one. It says how many it dropped.
func (f *faults) remove(id string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	before := len(f.rules)
	f.rules = slices.DeleteFunc(f.rules, func(r *fault) bool { return id == "" || r.ID == id })
	if id == "" {
		clear(f.used)
	} else {
		delete(f.used, id)
	}
	return before - len(f.rules)
}

// duration is a time.Duration that reads and writes as "1.5s" in JSON.
type duration time.Duration

// MarshalText and UnmarshalText keep it readable.
func (d duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = duration(parsed)
	return err
}
