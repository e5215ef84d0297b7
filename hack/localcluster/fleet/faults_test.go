package fleet

import (
	"encoding/json"
	"testing"
	"time"
)

func TestFaultApplies(t *testing.T) {
	pod := subject{Key: "shop/web-1", Node: "node-003", Image: "quay.io/a/b:v1"}
	for name, test := range map[string]struct {
		rule fault
		want bool
	}{
		"empty matches all":           {fault{}, true},
		"the very name":               {fault{Match: "shop/web-1"}, true},
		"another name":                {fault{Match: "shop/web-2"}, false},
		"a star in the name":          {fault{Match: "shop/web-*"}, true},
		"a star for the namespace":    {fault{Match: "*/web-1"}, true},
		"a star across the slash":     {fault{Match: "shop*"}, true},
		"the node as well":            {fault{Match: "shop/*", Node: "node-003"}, true},
		"another node":                {fault{Match: "shop/*", Node: "node-004"}, false},
		"an image":                    {fault{Image: "*a/b*"}, true},
		"another image":               {fault{Image: "*a/c*"}, false},
		"the beginning is not enough": {fault{Match: "shop/web"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := test.rule.applies(pod); got != test.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

func TestFaultForALimitedNumberOfTimes(t *testing.T) {
	f := newFaults()
	f.add(fault{Kind: faultDeaf, Times: 1})
	s := subject{Key: "a/b"}
	for range 3 {
		if _, ok := f.find(faultDeaf, s, "first"); !ok {
			t.Fatal("the rule forgot the occasion that it applies to")
		}
	}
	if _, ok := f.find(faultDeaf, s, "second"); ok {
		t.Error("the rule applied twice")
	}
	if hits := f.list()[0].Hits; hits != 1 {
		t.Errorf("%d hits", hits)
	}
	if f.remove("") != 1 {
		t.Error("the rule was not dropped")
	}
}

func TestFaultReadsAsJSON(t *testing.T) {
	var rule fault
	if err := json.Unmarshal([]byte(`{"kind":"slow-start","match":"a/*","delay":"1m30s"}`), &rule); err != nil {
		t.Fatal(err)
	}
	if time.Duration(rule.Delay) != 90*time.Second {
		t.Errorf("delay is %s", time.Duration(rule.Delay))
	}
}
