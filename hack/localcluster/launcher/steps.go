package launcher

import (
	"context"
	"fmt"
	"sync"
)

// step is one thing that has to be done to bring a cluster up. Steps that do
// not wait for each other are done at the same time.
type step struct {
	name  string
	after []string
	run   func(ctx context.Context) error
}

// stepError says which step failed.
type stepError struct {
	step string
	err  error
}

func (e stepError) Error() string { return fmt.Sprintf("%s: %s", e.step, e.err) }
func (e stepError) Unwrap() error { return e.err }

// runSteps does all steps in the order that they ask for and reports each that
// is done. The first failure ends the others and is returned.
func runSteps(ctx context.Context, steps []step, report func(name string)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := map[string]chan struct{}{}
	for _, s := range steps {
		done[s.name] = make(chan struct{})
	}
	var failure error
	var once sync.Once
	var all sync.WaitGroup
	for _, s := range steps {
		all.Add(1)
		go func() {
			defer all.Done()
			if !waitFor(ctx, s.after, done) {
				return
			}
			if err := s.run(ctx); err != nil {
				once.Do(func() {
					failure = stepError{step: s.name, err: err}
					cancel(failure)
				})
				return
			}
			report(s.name)
			close(done[s.name])
		}()
	}
	all.Wait()
	if failure == nil {
		return context.Cause(ctx)
	}
	return failure
}

// waitFor waits until all named steps are done; false if the context ended
// first. A name that is no step of this cluster does not hold anything up.
func waitFor(ctx context.Context, names []string, done map[string]chan struct{}) bool {
	for _, name := range names {
		if done[name] == nil {
			continue
		}
		select {
		case <-done[name]:
		case <-ctx.Done():
			return false
		}
	}
	return ctx.Err() == nil
}
