package launcher

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// errRunning says that another process holds a cluster's lock.
var errRunning = errors.New("the cluster's supervisor is running")

// lock is held by whoever owns a cluster's folder. The kernel drops it when its
// holder dies in whatever way, so unlike a pid file it cannot lie.
type lock struct {
	file *os.File
	path string
}

// acquire takes the lock and writes this process's id into it; errRunning if
// somebody else has it.
func acquire(path string) (*lock, error) {
	for {
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, err
		}
		if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
			file.Close()
			if errors.Is(err, syscall.EWOULDBLOCK) {
				return nil, errRunning
			}
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		if !stillThere(file, path) { // its last holder removed it in between
			file.Close()
			continue
		}
		l := &lock{file: file, path: path}
		return l, l.write()
	}
}

func stillThere(file *os.File, path string) bool {
	ours, err := file.Stat()
	if err != nil {
		return false
	}
	theirs, err := os.Stat(path)
	return err == nil && os.SameFile(ours, theirs)
}

func (l *lock) write() error {
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err := l.file.WriteAt([]byte(strconv.Itoa(os.Getpid())), 0)
	return err
}

// release gives the lock up; remove deletes its file as well.
func (l *lock) release(remove bool) {
	if remove {
		os.Remove(l.path)
	}
	l.file.Close()
}

// holder is the process id in a lock file. It is only to be trusted while the
// lock is held.
func holder(path string) (int, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

// held tells whether some process holds the lock.
func held(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	return syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) != nil
}
