package fleet

import (
	"context"
	"log"
	"time"

	"k8s.io/client-go/util/workqueue"
)

// loop hands the keys of one queue to a few workers. A key is never worked on twice at once. do says after what
// time it wants to see the key again (0: only when something happens); after an error the key comes back with a
// growing delay.
type loop struct {
	name  string
	queue workqueue.TypedRateLimitingInterface[string]
	do    func(ctx context.Context, key string) (time.Duration, error)
}

func newLoop(name string, do func(context.Context, string) (time.Duration, error)) *loop {
	limiter := workqueue.NewTypedItemExponentialFailureRateLimiter[string](20*time.Millisecond, 20*time.Second)
	return &loop{name: name, queue: workqueue.NewTypedRateLimitingQueue(limiter), do: do}
}

func (l *loop) add(key string) { l.queue.Add(key) }

func (l *loop) addAfter(key string, after time.Duration) { l.queue.AddAfter(key, after) }

func (l *loop) run(ctx context.Context, workers int) {
	for range workers {
		go l.work(ctx)
	}
	go func() {
		<-ctx.Done()
		l.queue.ShutDown()
	}()
}

func (l *loop) work(ctx context.Context) {
	for {
		key, stopping := l.queue.Get()
		if stopping {
			return
		}
		l.one(ctx, key)
	}
}

// quietFailures is how often in a row a key may fail before it is logged: a conflict with another writer is no news.
const quietFailures = 4

func (l *loop) one(ctx context.Context, key string) {
	defer l.queue.Done(key)
	again, err := l.do(ctx, key)
	if err != nil {
		if l.queue.NumRequeues(key) >= quietFailures && ctx.Err() == nil {
			log.Printf("%s %s: %v", l.name, key, err)
		}
		l.queue.AddRateLimited(key)
		return
	}
	l.queue.Forget(key)
	if again > 0 {
		l.queue.AddAfter(key, again)
	}
}

// sooner is the shorter of two waits, where 0 means none.
func sooner(a, b time.Duration) time.Duration {
	if a == 0 || (b != 0 && b < a) {
		return b
	}
	return a
}

// until is the wait from now to at, at least a moment so that a wait that is over is not mistaken for none.
func until(now, at time.Time) time.Duration {
	return max(at.Sub(now), time.Millisecond)
}
