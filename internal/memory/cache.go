package memory

import (
	"container/list"
	"sync"
)

// cache keeps the segments that were used last, over all namespaces, up to a number
// of bytes.
type cache struct {
	mu    sync.Mutex
	limit int
	used  int
	order *list.List // of cached, used last first
	by    map[cacheKey]*list.Element
}

type cacheKey struct{ namespace, name string }

type cached struct {
	key     cacheKey
	segment *segment
}

func newCache(limit int) *cache {
	return &cache{limit: limit, order: list.New(), by: map[cacheKey]*list.Element{}}
}

func (c *cache) get(k cacheKey) (*segment, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.by[k]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(e)
	return e.Value.(cached).segment, true
}

func (c *cache) add(k cacheKey, s *segment) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.by[k]; ok || s.bytes() > c.limit {
		return
	}
	c.by[k] = c.order.PushFront(cached{k, s})
	c.used += s.bytes()
	for c.used > c.limit {
		c.drop(c.order.Back())
	}
}

func (c *cache) remove(k cacheKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.by[k]; ok {
		c.drop(e)
	}
}

func (c *cache) drop(e *list.Element) {
	one := c.order.Remove(e).(cached)
	delete(c.by, one.key)
	c.used -= one.segment.bytes()
}
