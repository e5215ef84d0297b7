package fleet

import (
	"context"
	"fmt"
	"time"
)

// The fleet may be started while the cluster is still being set up.
const (
	setupPatience = time.Minute
	setupRetry    = 500 * time.Millisecond
)

// patiently repeats do until it succeeds, or its last error has stood for too long.
func patiently(ctx context.Context, do func(context.Context) error) error {
	deadline := time.Now().Add(setupPatience)
	for {
		err := do(ctx)
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the cluster is not ready for a fleet: %w", err)
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(setupRetry):
		}
	}
}
