package install

import (
	"context"
	"fmt"
	"time"
)

const pollInterval = 50 * time.Millisecond

// until repeats an attempt until it succeeds or the context ends; the error
// then is the last attempt's.
func until(ctx context.Context, attempt func() error) error {
	for {
		err := attempt()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w (%w)", err, context.Cause(ctx))
		case <-time.After(pollInterval):
		}
	}
}
