package fleet

import (
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// guestState is what libvirt would say of the domain.
type guestState string

const (
	guestBooting  guestState = "Booting"
	guestRunning  guestState = "Running"
	guestPaused   guestState = "Paused"
	guestIncoming guestState = "Incoming" // the receiving end of a migration, before the guest has arrived
	guestOff      guestState = "Off"
)

// offReason is why a domain is off: the reasons of libvirt that KubeVirt tells apart.
type offReason string

const (
	offShutdown  offReason = "Shutdown"
	offDestroyed offReason = "Destroyed"
	offCrashed   offReason = "Crashed"
	offMigrated  offReason = "Migrated"
)

// guest is the virtual machine in one launcher pod. It moves by the clock alone (advance), whatever the control plane
// hears of it.
type guest struct {
	Namespace string     `json:"namespace"`
	Name      string     `json:"name"`
	VMI       types.UID  `json:"vmi"`
	Pod       types.UID  `json:"pod"`
	PodName   string     `json:"podName"`
	Node      string     `json:"node"`
	State     guestState `json:"state"`
	Reason    offReason  `json:"reason,omitempty"`
	// Boots counts how often this guest's firmware started: 1 after the first boot, one more for each reboot and reset.
	// A migration carries it along.
	Boots int  `json:"boots"`
	Agent bool `json:"agent"`
	// Written is what the guest wrote on an ephemeral root disk.
	Written []string `json:"written,omitempty"`
	Frozen  bool     `json:"frozen"`

	// Terminating: the launcher got SIGTERM and asked for a graceful shutdown.
	Terminating   bool      `json:"-"`
	shutdownSince time.Time // the first ACPI signal; the grace period counts from here
	bootAt        time.Time // the boot in progress ends
	offAt         time.Time // the shutdown in progress ends
	rebootAt      time.Time // the guest comes up again from a reboot
	agentAt       time.Time // the guest agent answers
	readyAt       time.Time // an incoming guest's place is prepared

	Migration outgoing `json:"migration,omitzero"`
}

// outgoing is what the source's launcher knows of the migration that it runs.
type outgoing struct {
	UID    types.UID `json:"uid"`
	Start  time.Time `json:"start"`
	doneAt time.Time // zero: it makes no progress
	mends  bool      // held up by a rule or the network; goes on when that is gone
}

func (g guest) key() string { return g.Namespace + "/" + g.Name }

func (g guest) alive() bool { return g.State != guestOff }

func (g guest) running() bool { return g.State == guestRunning }

// advance moves the guest to where it is at that time. It says whether anything changed that others can see.
// A paused guest's time stands still.
func (g *guest) advance(now time.Time, agentDelay time.Duration) bool {
	changed := false
	if g.State == guestBooting && past(g.bootAt, now) {
		g.State, g.bootAt = guestRunning, time.Time{}
		g.boot(now, agentDelay)
		changed = true
	}
	if g.State == guestRunning && past(g.rebootAt, now) {
		g.rebootAt = time.Time{}
		g.boot(now, agentDelay)
		changed = true
	}
	if g.State == guestRunning && past(g.agentAt, now) {
		g.Agent, g.agentAt = true, time.Time{}
		changed = true
	}
	if g.alive() && g.State != guestPaused && past(g.offAt, now) {
		g.end(offShutdown)
		changed = true
	}
	return changed
}

// boot is the moment at which the guest's firmware starts.
func (g *guest) boot(now time.Time, agentDelay time.Duration) {
	g.Boots++
	g.Agent, g.Frozen = false, false
	g.agentAt = time.Time{}
	if agentDelay >= 0 {
		g.agentAt = now.Add(agentDelay)
	}
}

// end stops the guest for that reason. What is off stays off, with its first reason.
func (g *guest) end(reason offReason) {
	if !g.alive() {
		return
	}
	g.State, g.Reason, g.Agent, g.Frozen = guestOff, reason, false, false
	g.bootAt, g.offAt, g.rebootAt, g.agentAt = time.Time{}, time.Time{}, time.Time{}, time.Time{}
}

// pressPower is the ACPI power button. A guest that listens is off after takes; a deaf one only starts the grace period.
func (g *guest) pressPower(now time.Time, takes time.Duration, deaf bool) {
	if g.shutdownSince.IsZero() {
		g.shutdownSince = now
	}
	if !deaf && g.offAt.IsZero() && g.alive() {
		g.offAt = now.Add(takes)
	}
}

// reboot is a reboot from within: the guest goes down and comes up in place.
func (g *guest) reboot(now time.Time, takes time.Duration) {
	if g.State == guestRunning && g.rebootAt.IsZero() {
		g.rebootAt = now.Add(takes)
		g.agentAt = time.Time{}
	}
}

// nextDue is when advance has something to do, zero if never.
func (g guest) nextDue() time.Time {
	if g.State == guestOff || g.State == guestPaused {
		return time.Time{}
	}
	var next time.Time
	for _, at := range []time.Time{g.bootAt, g.offAt, g.rebootAt, g.agentAt} {
		if !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}

func past(at, now time.Time) bool { return !at.IsZero() && !now.Before(at) }
