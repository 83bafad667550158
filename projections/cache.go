package projections

import (
	"context"
	"sync"
)

// cache keeps the last few answers. An answer as of a position of the log
// never changes, so nothing in it ever grows old. Two who ask for the same
// thing at once wait for one making of it.
type cache[K comparable, V any] struct {
	mu    sync.Mutex
	most  int
	order []K // the one asked for last is the last
	kept  map[K]*making[V]
}

type making[V any] struct {
	done  chan struct{}
	value V
	err   error
}

func newCache[K comparable, V any](most int) *cache[K, V] {
	return &cache[K, V]{most: most, kept: map[K]*making[V]{}}
}

// get gives what is kept for a key, or makes it. Failures are not kept.
func (c *cache[K, V]) get(ctx context.Context, key K, make func() (V, error)) (V, error) {
	for {
		m, mine := c.claim(key)
		if mine {
			m.value, m.err = make()
			if m.err != nil {
				c.forget(key, m)
			}
			close(m.done)
			return m.value, m.err
		}
		select {
		case <-ctx.Done():
			return m.value, ctx.Err()
		case <-m.done:
		}
		if m.err == nil {
			return m.value, nil
		}
	}
}

func (c *cache[K, V]) claim(key K) (m *making[V], mine bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m, kept := c.kept[key]
	if kept {
		c.drop(key)
	} else {
		m = &making[V]{done: make(chan struct{})}
		c.kept[key] = m
	}
	c.order = append(c.order, key)
	for len(c.order) > c.most {
		delete(c.kept, c.order[0])
		c.order = c.order[1:]
	}
	return m, !kept
}

func (c *cache[K, V]) forget(key K, m *making[V]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept[key] == m {
		delete(c.kept, key)
		c.drop(key)
	}
}

// drop takes a key out of the order.
func (c *cache[K, V]) drop(key K) {
	for i, k := range c.order {
		if k == key {
			c.order = append(c.order[:i:i], c.order[i+1:]...)
			return
		}
	}
}
