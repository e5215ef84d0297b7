package install

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/dynamic"
)

// parallel is how many objects are created at once: more only queue up.
const parallel = 8

// create creates objects in any order. Those that are there already stay.
func (t *target) create(ctx context.Context, objects []runtime.Object) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for _, object := range objects {
		group.Go(func() error {
			_, err := t.createOne(ctx, object)
			return err
		})
	}
	return group.Wait()
}

func (t *target) createOne(ctx context.Context, object runtime.Object) (*unstructured.Unstructured, error) {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		return nil, err
	}
	u := &unstructured.Unstructured{Object: content}
	// The generators leave an empty status, which the API server may refuse.
	unstructured.RemoveNestedField(u.Object, "status")
	created, err := t.resource(u).Create(ctx, u, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return nil, fmt.Errorf("create %s %s: %w", u.GetKind(), u.GetName(), err)
	}
	return created, nil
}

func (t *target) resource(u *unstructured.Unstructured) dynamic.ResourceInterface {
	plural, _ := meta.UnsafeGuessKindToResource(u.GroupVersionKind())
	if u.GetNamespace() == "" {
		return t.client.Resource(plural)
	}
	return t.client.Resource(plural).Namespace(u.GetNamespace())
}
