package fleet

import (
	"testing"
	"time"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func at(seconds float64) time.Time { return start.Add(time.Duration(seconds * float64(time.Second))) }

// step is something that happens to a guest at a time.
type step struct {
	at float64
	do func(*guest, time.Time)
}

func TestGuestAdvances(t *testing.T) {
	press := func(deaf bool) func(*guest, time.Time) {
		return func(g *guest, now time.Time) { g.pressPower(now, time.Second, deaf) }
	}
	reboot := func(g *guest, now time.Time) { g.reboot(now, time.Second) }
	pause := func(g *guest, _ time.Time) { g.State = guestPaused }
	resume := func(g *guest, _ time.Time) { g.State = guestRunning }
	for name, test := range map[string]struct {
		steps []step
		until float64
		state guestState
		boots int
		agent bool
	}{
		"is booting before its time":            {nil, 0.5, guestBooting, 0, false},
		"runs after its boot":                   {nil, 1, guestRunning, 1, false},
		"has an agent a while later":            {nil, 3, guestRunning, 1, true},
		"is off after ACPI":                     {[]step{{4, press(false)}}, 5, guestOff, 1, false},
		"is not off before":                     {[]step{{4, press(false)}}, 4.5, guestRunning, 1, true},
		"does not hear when deaf":               {[]step{{4, press(true)}}, 60, guestRunning, 1, true},
		"reboots in place":                      {[]step{{4, reboot}}, 6, guestRunning, 2, false},
		"has its agent again after a reboot":    {[]step{{4, reboot}}, 8, guestRunning, 2, true},
		"does not shut down while it is paused": {[]step{{4, pause}, {5, press(false)}}, 9, guestPaused, 1, true},
		"shuts down once it goes on":            {[]step{{4, pause}, {5, press(false)}, {8, resume}}, 9, guestOff, 1, false},
		"shuts down while booting":              {[]step{{0.1, press(false)}}, 2, guestOff, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			g := &guest{State: guestBooting, bootAt: at(1)}
			play(g, test.steps, test.until)
			if g.State != test.state || g.Boots != test.boots || g.Agent != test.agent {
				t.Errorf("got %s, %d boots, agent %t", g.State, g.Boots, g.Agent)
			}
		})
	}
}

// play advances the guest every tenth of a second, as far as it has anything due.
func play(g *guest, steps []step, until float64) {
	for tick := 0; float64(tick)/10 <= until; tick++ {
		now := at(float64(tick) / 10)
		for _, s := range steps {
			if at(s.at).Equal(now) {
				s.do(g, now)
			}
		}
		if due := g.nextDue(); !due.IsZero() && !due.After(now) {
			g.advance(now, 2*time.Second)
		}
	}
}

func TestWhatIsOffStaysOff(t *testing.T) {
	g := &guest{State: guestRunning}
	g.end(offCrashed)
	g.end(offShutdown)
	if g.Reason != offCrashed {
		t.Errorf("reason is %s", g.Reason)
	}
	if g.advance(at(100), 0) || !g.nextDue().IsZero() {
		t.Error("a guest that is off did something")
	}
}

func TestMoveNeverRunsAGuestTwice(t *testing.T) {
	h := newHypervisor()
	h.define(guest{Namespace: "a", Name: "b", Pod: "source", State: guestPaused, Boots: 3, Agent: true})
	h.define(guest{Namespace: "a", Name: "b", Pod: "target", State: guestIncoming})
	if !h.move("source", "target") {
		t.Fatal("the guest did not move")
	}
	source, _ := h.get("source")
	target, _ := h.get("target")
	if source.alive() || source.Reason != offMigrated {
		t.Errorf("the source is %s, %s", source.State, source.Reason)
	}
	if target.State != guestPaused || target.Boots != 3 || !target.Agent {
		t.Errorf("the target is %+v", target)
	}
	if h.move("source", "target") || h.move("target", "source") {
		t.Error("a guest moved again")
	}
}

func TestDropForgetsTheGuest(t *testing.T) {
	h := newHypervisor()
	h.define(guest{Namespace: "a", Name: "b", Pod: "p"})
	h.exit("p", 1)
	h.drop("p")
	if _, ok := h.exited("p"); ok || len(h.of("a/b")) != 0 || len(h.list()) != 0 {
		t.Error("something is left")
	}
}
