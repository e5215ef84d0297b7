package launcher

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Stopping takes a second or two; a supervisor that needs longer hangs.
const downPatience = 20 * time.Second

// down ends a cluster and removes its files; that there is none is fine.
func down(args []string, _ Installer) error {
	var dir string
	var keep bool
	flags := newFlags("down", "down --dir DIR [--keep]", &dir, os.Stderr)
	flags.BoolVar(&keep, "keep", false, "keep the logs")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := complete(flags, &dir); err != nil {
		return err
	}
	l := Layout{dir}
	started := time.Now()
	before, err := loadStatus(l)
	if err != nil && !held(l.lock()) {
		if !keep && nothingButLogs(l) {
			l.clean(false)
			os.Remove(l.Dir)
		}
		fmt.Printf("no cluster runs in %s\n", dir)
		return nil
	}
	if err := end(l); err != nil {
		return err
	}
	if err := remove(l, keep); err != nil {
		return err
	}
	if before.Name == "" { // its supervisor had not come as far as saying so
		before.Name = filepath.Base(dir)
	}
	fmt.Printf("cluster %s is down after %.1fs\n", before.Name, time.Since(started).Seconds())
	return nil
}

// end stops the supervisor and waits until its lock is free.
func end(l Layout) error {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		pid, err := holder(l.lock())
		if !held(l.lock()) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("which process holds %s: %w", l.lock(), err)
		}
		syscall.Kill(pid, signal)
		for until := time.Now().Add(downPatience); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
			if !held(l.lock()) {
				return nil
			}
		}
	}
	return fmt.Errorf("the supervisor of %s does not end", l.Dir)
}

func remove(l Layout, keepLogs bool) error {
	lock, err := acquire(l.lock())
	if errors.Is(err, errRunning) {
		return fmt.Errorf("somebody has started the cluster again")
	}
	if err != nil {
		return err
	}
	defer os.Remove(l.Dir) // if nothing of somebody else's is in it
	defer lock.release(true)
	return l.clean(keepLogs)
}

// nothingButLogs tells whether the folder only holds what --keep, or a start
// that failed, has left.
func nothingButLogs(l Layout) bool {
	entries, err := os.ReadDir(l.Dir)
	return err == nil && len(entries) == 1 && entries[0].Name() == "logs"
}
