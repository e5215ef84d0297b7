package fleet

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	cdiv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
)

// importer plays CDI's DataVolume controller and its importer: a DataVolume gets its claim, and the claim its contents. What
// KubeVirt waits for is the phase: kubevirt pkg/storage/types/pvc.go (VolumeReadyToAttachToNode) and
// CDI's pkg/apis/core/v1beta1/utils.go.
type importer struct {
	core    kubernetes.Interface
	cdi     rest.Interface
	watches *watches
	roster  *roster
	faults  *faults
	timing  timing
	disks   *disks
	fresh   cache.MutationCache
	// wakeClaim looks at a claim again, which may be full now.
	wakeClaim func(key string)

	mu        sync.Mutex
	transfers map[types.UID]*transfer
}

// transfer is one DataVolume's import or clone.
type transfer struct {
	began, retryAt time.Time
	takes          time.Duration
	failure        string
	restarts       int32
	done           bool
}

const (
	immediateAnnotation = "cdi.kubevirt.io/storage.bind.immediate.requested"
	adoptionAnnotation  = "cdi.kubevirt.io/allowClaimAdoption"
	unknownProgress     = cdiv1.DataVolumeProgress("N/A")
	sourceRetry         = time.Second
	firstRetry          = 10 * time.Second
	lastRetry           = 5 * time.Minute
)

func (i *importer) sync(ctx context.Context, key string) (time.Duration, error) {
	obj, ok, err := i.fresh.GetByKey(key)
	if err != nil || !ok {
		return 0, err
	}
	old := obj.(*cdiv1.DataVolume)
	if old.DeletionTimestamp != nil || old.Status.Phase == cdiv1.Succeeded {
		return 0, nil
	}
	pvc := fetch[corev1.PersistentVolumeClaim](i.watches.claims, key)
	if pvc == nil {
		_, err := i.core.CoreV1().PersistentVolumeClaims(old.Namespace).Create(ctx, claimFor(old), metav1.CreateOptions{})
		if apierrors.IsAlreadyExists(err) {
			return 0, nil
		}
		return 0, err
	}
	if pvc.DeletionTimestamp != nil {
		return 0, nil
	}
	dv := old.DeepCopy()
	again, err := i.progress(ctx, dv, pvc)
	if err != nil || equality.Semantic.DeepEqual(old.Status, dv.Status) {
		return again, err
	}
	return again, i.write(ctx, dv)
}

func (i *importer) write(ctx context.Context, dv *cdiv1.DataVolume) error {
	written := &cdiv1.DataVolume{}
	err := i.cdi.Put().Namespace(dv.Namespace).Resource("datavolumes").Name(dv.Name).SubResource("status").Body(dv).Do(ctx).Into(written)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	i.fresh.Mutation(written)
	return nil
}

// progress moves the DataVolume's status to where its claim and its transfer are.
func (i *importer) progress(ctx context.Context, dv *cdiv1.DataVolume, pvc *corev1.PersistentVolumeClaim) (time.Duration, error) {
	now := time.Now()
	dv.Status.ClaimName = pvc.Name
	if owned, err := i.adopt(ctx, dv, pvc); err != nil || !owned {
		return 0, err
	}
	if dv.Status.Phase == cdiv1.Succeeded {
		setDataVolume(dv, pvc, cdiv1.Succeeded, "100.0%", "", now)
		return 0, nil
	}
	c, _ := classNamed(pvc.Spec.StorageClassName)
	bound := pvc.Status.Phase == corev1.ClaimBound
	chosen := pvc.Annotations[selectedNodeAnnotation] != ""
	if c.local && !chosen && dv.Annotations[immediateAnnotation] != "" {
		return 0, i.choose(ctx, pvc)
	}
	switch {
	case c.csi && c.local && !chosen:
		setDataVolume(dv, pvc, cdiv1.PendingPopulation, unknownProgress, "", now)
	case !c.csi && !bound && c.local && !chosen:
		setDataVolume(dv, pvc, cdiv1.WaitForFirstConsumer, unknownProgress, "", now)
	case !c.csi && !bound, !i.sourceThere(dv):
		setDataVolume(dv, pvc, cdiv1.Pending, unknownProgress, "", now)
	case dv.Spec.Source != nil && dv.Spec.Source.Upload != nil:
		setDataVolume(dv, pvc, cdiv1.UploadReady, unknownProgress, "", now)
	case !i.begun(dv) && i.sourceInUse(dv):
		setDataVolume(dv, pvc, cdiv1.CloneScheduled, unknownProgress, "", now)
		return sourceRetry, nil
	default:
		return i.transfer(dv, pvc, bound, now), nil
	}
	return 0, nil
}

// adopt sees to it that the claim is the DataVolume's: one that was there before is taken over if that is allowed, and
// counts as full.
func (i *importer) adopt(ctx context.Context, dv *cdiv1.DataVolume, pvc *corev1.PersistentVolumeClaim) (bool, error) {
	if metav1.IsControlledBy(pvc, dv) {
		return true, nil
	}
	if metav1.GetControllerOfNoCopy(pvc) != nil || dv.Annotations[adoptionAnnotation] != "true" {
		return false, nil
	}
	owner := metav1.NewControllerRef(dv, cdiv1.SchemeGroupVersion.WithKind("DataVolume"))
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"uid": pvc.UID, "ownerReferences": []any{owner}}})
	if err != nil {
		return false, err
	}
	_, err = i.core.CoreV1().PersistentVolumeClaims(pvc.Namespace).Patch(ctx, pvc.Name, types.MergePatchType, patch, metav1.PatchOptions{})
	dv.Status.Phase = cdiv1.Succeeded
	return err == nil, err
}

// choose picks the node of a local volume that must not wait for its consumer, as the scheduler would for CDI's own pod.
func (i *importer) choose(ctx context.Context, pvc *corev1.PersistentVolumeClaim) error {
	var candidates []string
	for _, m := range i.roster.list() {
		if m.Health == reporting {
			candidates = append(candidates, m.Name)
		}
	}
	if len(candidates) == 0 {
		return nil
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(pvc.UID))
	node := candidates[int(h.Sum32()%uint32(len(candidates)))]
	patch := fmt.Appendf(nil, `{"metadata":{"annotations":{%q:%q}}}`, selectedNodeAnnotation, node)
	_, err := i.core.CoreV1().PersistentVolumeClaims(pvc.Namespace).Patch(ctx, pvc.Name, types.MergePatchType, patch, metav1.PatchOptions{})
	return err
}

func (i *importer) sourceThere(dv *cdiv1.DataVolume) bool {
	source := sourceClaim(dv)
	return source == "" || fetch[corev1.PersistentVolumeClaim](i.watches.claims, source) != nil
}

// sourceInUse: CDI begins no copy of a claim that a pod has (its event CloneSourceInUse).
func (i *importer) sourceInUse(dv *cdiv1.DataVolume) bool {
	source := sourceClaim(dv)
	if source == "" {
		return false
	}
	for _, obj := range i.watches.pods.GetStore().List() {
		if mounts(obj.(*corev1.Pod), source) {
			return true
		}
	}
	return false
}

// fill gives the new volume its contents: those of its source, as they are at that moment, or the image.
func (i *importer) fill(dv *cdiv1.DataVolume, pvc *corev1.PersistentVolumeClaim) {
	if i.disks == nil {
		return
	}
	c := contents{Image: imageOf(dv.Spec.Source)}
	if source := sourceClaim(dv); source != "" {
		if from := fetch[corev1.PersistentVolumeClaim](i.watches.claims, source); from != nil {
			c = i.disks.of(from.UID)
		}
	}
	i.disks.fill(pvc.UID, c)
}

func (i *importer) begun(dv *cdiv1.DataVolume) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.transfers[dv.UID] != nil
}

// transfer is one look at the import or clone that runs.
func (i *importer) transfer(dv *cdiv1.DataVolume, pvc *corev1.PersistentVolumeClaim, bound bool, now time.Time) time.Duration {
	i.mu.Lock()
	defer i.mu.Unlock()
	t := i.transfers[dv.UID]
	if t == nil {
		t = &transfer{began: now, takes: i.takes(dv)}
		i.transfers[dv.UID] = t
	}
	was := t.done
	again := i.move(dv, t, now)
	if t.done && !was {
		i.fill(dv, pvc)
	}
	scheduled, inProgress := transferPhases(dv)
	dv.Status.RestartCount = t.restarts
	share := t.share(now)
	switch {
	case t.done && bound:
		setDataVolume(dv, pvc, cdiv1.Succeeded, "100.0%", "", now)
		return 0
	case t.done:
		i.wakeClaim(objectKey(pvc))
		return 0
	case t.failure != "":
		setDataVolume(dv, pvc, inProgress, dv.Status.Progress, t.failure, now)
	case share < startShare:
		setDataVolume(dv, pvc, scheduled, unknownProgress, "", now)
	default:
		setDataVolume(dv, pvc, inProgress, cdiv1.DataVolumeProgress(fmt.Sprintf("%.2f%%", share*100)), "", now)
	}
	return again
}

// startShare is how much of a transfer's time its start takes; stepShare and stepAtMost are how often it tells its progress.
const (
	startShare = 0.2
	stepShare  = 0.4
	stepAtMost = 5 * time.Second
)

func (t *transfer) share(now time.Time) float64 {
	if t.takes <= 0 {
		return 1
	}
	return min(float64(now.Sub(t.began))/float64(t.takes), 1)
}

// move lets the transfer fail, start again or end, and says when to look again.
func (i *importer) move(dv *cdiv1.DataVolume, t *transfer, now time.Time) time.Duration {
	if t.done {
		return 0
	}
	failing, fails := i.faults.find(faultImportFail, subject{Key: objectKey(dv)}, string(dv.UID))
	if t.failure != "" && (!fails || !now.Before(t.retryAt)) {
		t.failure, t.began = "", now
	}
	if t.failure != "" {
		return until(now, t.retryAt)
	}
	startsAt := t.began.Add(time.Duration(startShare * float64(t.takes)))
	switch {
	case now.Before(startsAt):
		return until(now, startsAt)
	case fails:
		t.fail(failing.Message, now)
		return until(now, t.retryAt)
	case t.share(now) >= 1:
		t.done = true
		return 0
	}
	step := min(time.Duration(stepShare*float64(t.takes)), stepAtMost)
	return min(step, until(now, t.began.Add(t.takes)))
}

func (t *transfer) fail(message string, now time.Time) {
	t.failure = message
	if message == "" {
		t.failure = "Unable to process data: Unable to connect to http data source: expected status code 200, got 404. Status: 404 Not Found"
	}
	wait := firstRetry << min(t.restarts, 5)
	t.retryAt = now.Add(min(wait, lastRetry))
	t.restarts++
}

func (i *importer) takes(dv *cdiv1.DataVolume) time.Duration {
	slow, _ := i.faults.find(faultImportSlow, subject{Key: objectKey(dv)}, string(dv.UID))
	return i.timing.imports + time.Duration(slow.Delay)
}

// filled: a claim that is filled before it is bound waits for its DataVolume's transfer.
func (i *importer) filled(pvc *corev1.PersistentVolumeClaim) bool {
	owner := metav1.GetControllerOfNoCopy(pvc)
	c, _ := classNamed(pvc.Spec.StorageClassName)
	if owner == nil || owner.Kind != "DataVolume" || !c.csi {
		return true
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	t := i.transfers[owner.UID]
	return t != nil && t.done
}

func (i *importer) gone(dv *cdiv1.DataVolume) {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.transfers, dv.UID)
}

func transferPhases(dv *cdiv1.DataVolume) (scheduled, inProgress cdiv1.DataVolumePhase) {
	if dv.Spec.Source != nil && dv.Spec.Source.PVC != nil {
		return cdiv1.CloneScheduled, cdiv1.CloneInProgress
	}
	return cdiv1.ImportScheduled, cdiv1.ImportInProgress
}

// setDataVolume writes phase, progress and conditions: CDI's pkg/controller/datavolume/conditions.go.
func setDataVolume(dv *cdiv1.DataVolume, pvc *corev1.PersistentVolumeClaim, phase cdiv1.DataVolumePhase, progress cdiv1.DataVolumeProgress, failure string, now time.Time) {
	dv.Status.Phase, dv.Status.Progress = phase, progress
	bound := cdiv1.DataVolumeCondition{
		Type: cdiv1.DataVolumeBound, Status: corev1.ConditionFalse, Reason: "Pending", Message: fmt.Sprintf("PVC %s Pending", pvc.Name),
	}
	if pvc.Status.Phase == corev1.ClaimBound {
		bound.Status, bound.Reason, bound.Message = corev1.ConditionTrue, "Bound", fmt.Sprintf("PVC %s Bound", pvc.Name)
	}
	ready := cdiv1.DataVolumeCondition{Type: cdiv1.DataVolumeReady, Status: corev1.ConditionFalse}
	running := cdiv1.DataVolumeCondition{Type: cdiv1.DataVolumeRunning, Status: corev1.ConditionFalse}
	switch {
	case phase == cdiv1.Succeeded:
		ready.Status = corev1.ConditionTrue
		running.Reason, running.Message = "Completed", "Import Complete"
	case failure != "":
		ready.Reason = "Error"
		running.Reason, running.Message = "Error", failure
	case phase == cdiv1.ImportInProgress || phase == cdiv1.CloneInProgress:
		ready.Reason = "TransferRunning"
		running.Status, running.Reason = corev1.ConditionTrue, "Pod is running"
	}
	for _, c := range []cdiv1.DataVolumeCondition{bound, ready, running} {
		setDataVolumeCondition(dv, c, metav1.NewTime(now))
	}
}

func setDataVolumeCondition(dv *cdiv1.DataVolume, c cdiv1.DataVolumeCondition, now metav1.Time) {
	for n, old := range dv.Status.Conditions {
		if old.Type != c.Type {
			continue
		}
		if old.Status == c.Status && old.Reason == c.Reason && old.Message == c.Message {
			return
		}
		c.LastTransitionTime, c.LastHeartbeatTime = old.LastTransitionTime, now
		if old.Status != c.Status {
			c.LastTransitionTime = now
		}
		dv.Status.Conditions[n] = c
		return
	}
	c.LastTransitionTime, c.LastHeartbeatTime = now, now
	dv.Status.Conditions = append(dv.Status.Conditions, c)
}
