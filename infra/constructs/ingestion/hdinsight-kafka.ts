import { HdinsightKafkaCluster } from "@cdktf/provider-azurerm/lib/hdinsight-kafka-cluster";
import type { Construct } from "../../bindings/cdktf";
import { generatedPassword } from "../../bindings/generated-password";
import type { EncryptionReference, IdentityReference } from "../../stacks/identity-stack";
import { guard } from "../guard";
import { RoleEdge } from "../identity/role-edge";
import { Service, type Surroundings } from "../service";
import { KeylessStorageAccount } from "../storage/keyless-storage-account";

export interface HdinsightKafkaProps extends Surroundings {
  readonly identity: IdentityReference;
  readonly encryption: EncryptionReference | null;
}

/**
 * Kafka on HDInsight, for teams that need a broker of their own; the Kafka endpoint of Event Hubs is the default. The
 * service knows no Entra login without its domain services, so gateway and nodes have generated passwords.
 */
export class HdinsightKafka extends Service {
  readonly cluster: HdinsightKafkaCluster;

  constructor(scope: Construct, id: string, props: HdinsightKafkaProps) {
    super(scope, id, props);
    const { network, identity } = props;
    const storage = new KeylessStorageAccount(this, "storage", {
      network,
      observability: props.observability,
      what: "kafka",
      replication: "ZRS",
      hierarchical: true,
      containers: ["cluster"],
      encryption: props.encryption,
      endpoints: ["blob", "dfs"],
    });
    const owner = new RoleEdge(this, "role-storage", {
      role: "Storage Blob Data Owner",
      principalId: identity.principalId,
      scope: storage.account.id,
      edge: "hdinsight -> its storage",
    });
    const inNetwork = {
      subnetId: network.subnetId("hdinsight"),
      virtualNetworkId: network.virtualNetworkId,
      username: "sshuser",
      password: generatedPassword,
    };
    this.cluster = new HdinsightKafkaCluster(this, "cluster", {
      ...this.place,
      name: this.stack.nameOf("hdinsightKafka"),
      clusterVersion: "5.1",
      componentVersion: { kafka: "3.2" },
      tier: "Standard",
      tlsMinVersion: "1.2",
      encryptionInTransitEnabled: true,
      gateway: { username: "gateway", password: generatedPassword },
      network: { connectionDirection: "Outbound", privateLinkEnabled: false },
      storageAccountGen2: {
        isDefault: true,
        managedIdentityResourceId: identity.id,
        storageResourceId: storage.account.id,
        filesystemId: `https://${storage.account.name}.dfs.core.windows.net/cluster`,
      },
      roles: {
        headNode: { ...inNetwork, vmSize: "Standard_D12_V2" },
        workerNode: {
          ...inNetwork,
          vmSize: "Standard_D3_V2",
          numberOfDisksPerNode: 2,
          targetInstanceCount: 4,
        },
        zookeeperNode: { ...inNetwork, vmSize: "Standard_A4_V2" },
      },
      lifecycle: {
        ignoreChanges: [
          "gateway[0].password",
          "roles[0].head_node[0].password",
          "roles[0].worker_node[0].password",
          "roles[0].zookeeper_node[0].password",
        ],
      },
      dependsOn: [owner.assignment],
    });
    guard(this.cluster);
    this.diagnose("kafka", this.cluster.id, { logs: false });
  }
}
