// Names that stand for storage in objects: provisioners, annotations and finalizers, mostly Kubernetes' own.

/** A directory of the node, below its agent's data folder. */
export const localProvisioner = "berth.io/local";
/** A volume of the node's container engine, made by one of its volume drivers. */
export const engineProvisioner = "berth.io/docker-volume";
/** Who makes volumes for claims here. Others' classes wait for volumes that are made by hand. */
export const provisioners: ReadonlySet<string> = new Set([localProvisioner, engineProvisioner]);

export const defaultClassAnnotation = "storageclass.kubernetes.io/is-default-class";
/** The older name, which manifests still have. */
export const betaDefaultClassAnnotation = "storageclass.beta.kubernetes.io/is-default-class";

/** A claim that a pod uses stays until no pod does. */
export const claimProtection = "kubernetes.io/pvc-protection";
/** A volume that a claim is bound to stays until it is released. */
export const volumeProtection = "kubernetes.io/pv-protection";

/** On a claim whose binding is complete, and on both sides where the control plane has made it. */
export const bindCompleted = "pv.kubernetes.io/bind-completed";
export const boundByController = "pv.kubernetes.io/bound-by-controller";
export const provisionedBy = "pv.kubernetes.io/provisioned-by";
export const selectedNode = "volume.kubernetes.io/selected-node";
/** On a volume whose data was there once: from then on a node that does not find it says so. */
export const hasData = "berth.io/has-data";
