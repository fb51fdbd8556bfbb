package controllers_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/dragoman-dev/dragoman/controllers"
)

func TestLeaseID(t *testing.T) {
	cases := map[string]struct {
		selector string
		want     string
	}{
		"every job": {selector: "", want: "dragoman-manager"},
		"a shard":   {selector: "shard=blue", want: "dragoman-manager-785d500989"},
		"the same jobs in other words, which is another shard": {selector: "shard in (blue)", want: "dragoman-manager-51c2695f8c"},
		"what no other shard has":                              {selector: "shard notin (blue, green)", want: "dragoman-manager-9c87a2950d"},
		"the same shard in another order":                      {selector: "shard notin (green,blue)", want: "dragoman-manager-9c87a2950d"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			selector, err := labels.Parse(tc.selector)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, controllers.LeaseID(selector)); diff != "" {
				t.Errorf("LeaseID() (-want +got):\n%s", diff)
			}
		})
	}
}
