package main

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// retryEvery is the pause between two tries to reach the API server.
const retryEvery = 100 * time.Millisecond

// follower sees every version of the objects of a kind that the API server serves: it
// lists them, watches from there on, and lists again when the server has forgotten
// how far it was.
type follower struct {
	client client.WithWatch
	// empty returns an empty list of the kind, selector the objects that count.
	empty    func() client.ObjectList
	selector client.ListOption
	// saw is told of each version, by one goroutine. The same version may come twice.
	saw func(client.Object)
}

// run follows until ctx ends.
func (f *follower) run(ctx context.Context) {
	pause := time.NewTicker(retryEvery)
	defer pause.Stop()
	for version := ""; ctx.Err() == nil; {
		if version == "" {
			version = f.list(ctx)
		}
		if version != "" {
			version = f.watch(ctx, version)
		}
		select {
		case <-ctx.Done():
		case <-pause.C:
		}
	}
}

// list returns the version of the list; "" when there was none to be had.
func (f *follower) list(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	list := f.empty()
	if err := f.client.List(ctx, list, f.selector); err != nil {
		return ""
	}
	items, err := meta.ExtractList(list)
	if err != nil {
		return ""
	}
	for _, item := range items {
		if object, ok := item.(client.Object); ok {
			f.saw(object)
		}
	}
	return list.GetResourceVersion()
}

// watch returns the version to go on from; "" for a new list.
func (f *follower) watch(ctx context.Context, version string) string {
	from := &client.ListOptions{Raw: &metav1.ListOptions{ResourceVersion: version, AllowWatchBookmarks: true}}
	w, err := f.client.Watch(ctx, f.empty(), f.selector, from)
	if apierrors.IsResourceExpired(err) || apierrors.IsGone(err) {
		return ""
	}
	if err != nil {
		return version
	}
	defer w.Stop()
	for {
		select {
		case <-ctx.Done():
			return version
		case event, ok := <-w.ResultChan():
			if !ok {
				return version
			}
			object, ok := event.Object.(client.Object)
			if event.Type == watch.Error || !ok {
				return ""
			}
			version = object.GetResourceVersion()
			if event.Type == watch.Added || event.Type == watch.Modified {
				f.saw(object)
			}
		}
	}
}
