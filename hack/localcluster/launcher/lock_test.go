package launcher

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestLockIsHeldUntilReleased(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	if held(path) {
		t.Error("held before anybody took it")
	}
	first, err := acquire(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := acquire(path); !errors.Is(err, errRunning) {
		t.Errorf("second acquire: %v", err)
	}
	if !held(path) {
		t.Error("not held")
	}
	if pid, err := holder(path); err != nil || pid != os.Getpid() {
		t.Errorf("holder %d, %v", pid, err)
	}
	first.release(true)
	if held(path) {
		t.Error("held after release")
	}
	second, err := acquire(path)
	if err != nil {
		t.Fatal(err)
	}
	second.release(true)
}
