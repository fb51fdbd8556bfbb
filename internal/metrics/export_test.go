package metrics

import toolscache "k8s.io/client-go/tools/cache"

// JobEvents returns what an informer calls.
func JobEvents(m *Manager) toolscache.ResourceEventHandler { return m.jobEvents() }
