package launcher

import (
	"os/exec"
	"runtime"
)

// spawner starts processes from one thread that lives as long as the
// supervisor: the kernel kills a child "when its parent dies", and by parent it
// means the thread that forked it.
type spawner struct{ requests chan func() }

func newSpawner() *spawner {
	s := &spawner{requests: make(chan func())}
	go func() {
		runtime.LockOSThread()
		for request := range s.requests {
			request()
		}
	}()
	return s
}

func (s *spawner) start(command *exec.Cmd) error {
	result := make(chan error)
	s.requests <- func() { result <- command.Start() }
	return <-result
}
