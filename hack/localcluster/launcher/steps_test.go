package launcher

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
)

func TestStepsRunAfterWhatTheyWaitFor(t *testing.T) {
	var mu sync.Mutex
	var order []string
	note := func(name string) func(context.Context) error {
		return func(context.Context) error {
			mu.Lock()
			defer mu.Unlock()
			order = append(order, name)
			return nil
		}
	}
	err := runSteps(context.Background(), []step{
		{name: "c", after: []string{"b", "not part of this cluster"}, run: note("c")},
		{name: "b", after: []string{"a"}, run: note("b")},
		{name: "a", run: note("a")},
	}, func(string) {})
	if err != nil || !slices.Equal(order, []string{"a", "b", "c"}) {
		t.Errorf("order %v, error %v", order, err)
	}
}

func TestFirstFailureEndsTheOthersAndIsNamed(t *testing.T) {
	broken := errors.New("broken")
	ran := false
	err := runSteps(context.Background(), []step{
		{name: "slow", run: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }},
		{name: "bad", run: func(context.Context) error { return broken }},
		{name: "next", after: []string{"bad"}, run: func(context.Context) error { ran = true; return nil }},
	}, func(string) {})
	var failed stepError
	if !errors.As(err, &failed) || failed.step != "bad" || !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if ran {
		t.Error("a step ran although the one it waits for failed")
	}
}
