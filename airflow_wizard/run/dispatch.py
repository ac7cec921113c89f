"""Which handler carries out which action. Imported when a plan is run, not when it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_wizard.run import actions, fix_actions, kube_actions
from airflow_wizard.run.handlers import (
    commands,
    files,
    fixing,
    forward,
    helm_release,
    images,
    kind_cluster,
    kind_images,
    kube_apply,
    kube_job,
    kubeadm,
    leftovers,
    one_service,
    own_cluster,
    proof,
    remove_project,
    remove_release,
    rollout,
    services,
    smoke,
    stacks,
    supervision,
)

if TYPE_CHECKING:
    from airflow_wizard.run.context import Handler

_HANDLERS: dict[type, Handler[Any]] = {
    actions.WriteArtifacts: files.WriteHandler(),
    actions.RemovePaths: files.RemoveHandler(),
    actions.RunCommand: commands.CommandHandler(),
    fix_actions.AwaitGone: fixing.AwaitGoneHandler(),
    actions.CheckPort: supervision.PortHandler(),
    actions.StartSupervisor: supervision.StartHandler(),
    actions.StopSupervisor: supervision.StopHandler(),
    actions.ActOnProcess: supervision.ActOnProcessHandler(),
    actions.AwaitIdentity: proof.IdentityHandler(),
    actions.AwaitHeartbeats: proof.HeartbeatHandler(),
    actions.VerifyLogin: proof.LoginHandler(),
    actions.RunSmokeDag: smoke.SmokeHandler(),
    actions.RemoveSmokeDag: smoke.RemoveSmokeHandler(),
    actions.RememberStack: stacks.RememberHandler(),
    actions.ForgetStack: stacks.ForgetHandler(),
    actions.CheckPublishedPort: leftovers.PublishedPortHandler(),
    actions.CheckLeftovers: leftovers.LeftoversHandler(),
    actions.CheckVolume: leftovers.VolumeHandler(),
    actions.PullImages: images.PullHandler(),
    actions.BuildImage: images.BuildHandler(),
    actions.RunInit: services.InitHandler(),
    actions.StartServices: services.StartServicesHandler(),
    actions.StopServices: services.StopServicesHandler(),
    actions.ActOnService: one_service.ActOnServiceHandler(),
    actions.RemoveProject: remove_project.RemoveProjectHandler(),
    kube_actions.CheckKindPort: kind_cluster.KindPortHandler(),
    kube_actions.MakeKindCluster: kind_cluster.MakeKindHandler(),
    kube_actions.RemoveKindCluster: kind_cluster.RemoveKindHandler(),
    kube_actions.SwitchKindNodes: kind_cluster.SwitchKindHandler(),
    kube_actions.LoadImages: kind_images.LoadImagesHandler(),
    kube_actions.AwaitNodes: kube_apply.AwaitNodesHandler(),
    kube_actions.ApplyFiles: kube_apply.ApplyHandler(),
    kube_actions.StartJob: kube_job.StartJobHandler(),
    kube_actions.AwaitJob: kube_job.AwaitJobHandler(),
    kube_actions.InstallRelease: helm_release.InstallHandler(),
    kube_actions.AwaitRollout: rollout.RolloutHandler(),
    kube_actions.ScaleRelease: remove_release.ScaleHandler(),
    kube_actions.RestartComponent: remove_release.RestartHandler(),
    kube_actions.ApplyKey: kube_apply.ApplyKeyHandler(),
    kube_actions.KubeadmInit: kubeadm.KubeadmHandler(),
    kube_actions.CheckOwnCluster: kubeadm.CheckOwnHandler(),
    kube_actions.KubeadmReset: kubeadm.KubeadmResetHandler(),
    kube_actions.PodNetwork: own_cluster.PodNetworkHandler(),
    kube_actions.FreeControlPlane: own_cluster.FreeControlPlaneHandler(),
    kube_actions.DefaultStorage: own_cluster.DefaultStorageHandler(),
    kube_actions.StartMicroK8s: own_cluster.MicroK8sHandler(),
    kube_actions.SaveKubeconfig: own_cluster.KubeconfigHandler(),
    kube_actions.Forward: forward.ForwardHandler(),
    kube_actions.RemoveRelease: remove_release.RemoveReleaseHandler(),
}


def handler_of(action: actions.Action) -> Handler[Any]:
    """The handler of an action's type."""
    return _HANDLERS[type(action)]
