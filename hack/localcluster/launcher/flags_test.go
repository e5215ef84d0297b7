package launcher

import (
	"io"
	"strings"
	"testing"
)

func TestUpFlags(t *testing.T) {
	u, err := parseUp([]string{"--dir", "x/one", "--only", "etcd,kube-apiserver", "--port", "kube-apiserver=6443",
		"--apiserver-arg", "--v=4", "--arg", "kube-apiserver=--a=b=c"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	c := u.config
	if c.Name != "one" || !strings.HasSuffix(c.Dir, "/x/one") || c.FixedPorts[apiServer] != 6443 {
		t.Errorf("got %+v", c)
	}
	if got := strings.Join(c.ExtraArgs[apiServer], " "); got != "--v=4 --a=b=c" {
		t.Errorf("extra arguments %q", got)
	}
	if c.needsDefinitions() || c.runs(scheduler) || c.runs(fleet) {
		t.Error("--only was not kept to")
	}
}

func TestUpRefuses(t *testing.T) {
	for text, args := range map[string][]string{
		"--dir is missing":       {},
		"no component":           {"--dir", "x", "--only", "etcd,apiserver"},
		"nothing else works":     {"--dir", "x", "--only", "kube-scheduler"},
		"want COMPONENT=ARG":     {"--dir", "x", "--arg", "--v"},
		"want LISTENER=PORT":     {"--dir", "x", "--port", "etcd"},
		"do not know what":       {"--dir", "x", "y"},
		"must not be negative":   {"--dir", "x", "--fleet-nodes", "-1"},
		"too long":               {"--dir", strings.Repeat("x", 100)},
		`no component is called`: {"--dir", "x", "--arg", "nova=--v=1"},
	} {
		if _, err := parseUp(args, io.Discard); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%v: want %q, got %v", args, text, err)
		}
	}
}
