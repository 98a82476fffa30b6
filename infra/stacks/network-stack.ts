import { NatGateway } from "@cdktf/provider-azurerm/lib/nat-gateway";
import { NatGatewayPublicIpAssociation } from "@cdktf/provider-azurerm/lib/nat-gateway-public-ip-association";
import { NetworkSecurityGroup } from "@cdktf/provider-azurerm/lib/network-security-group";
import { PrivateDnsZone } from "@cdktf/provider-azurerm/lib/private-dns-zone";
import { PrivateDnsZoneVirtualNetworkLink } from "@cdktf/provider-azurerm/lib/private-dns-zone-virtual-network-link";
import { PublicIp } from "@cdktf/provider-azurerm/lib/public-ip";
import { Subnet } from "@cdktf/provider-azurerm/lib/subnet";
import { SubnetNatGatewayAssociation } from "@cdktf/provider-azurerm/lib/subnet-nat-gateway-association";
import { SubnetNetworkSecurityGroupAssociation } from "@cdktf/provider-azurerm/lib/subnet-network-security-group-association";
import { VirtualNetwork } from "@cdktf/provider-azurerm/lib/virtual-network";
import type { Construct } from "../bindings/cdktf";
import { allPrivateLinkZones, type PrivateLinkNetwork } from "../constructs/network/private-link";
import { PlatformStack, type PlatformStackProps } from "./platform-stack";

interface SubnetPlan {
  readonly name: string;
  readonly cidr: string;
  /** Service that the subnet is delegated to. */
  readonly delegation?: string;
  /** Resources inside reach the internet through the NAT gateway. */
  readonly outbound: boolean;
}

/** 10.64.0.0/16, because Stream Analytics jobs in a network must not stand in 10.0.0.0/16. */
const addressSpace = "10.64.0.0/16";

const subnetPlans: readonly SubnetPlan[] = [
  { name: "endpoints", cidr: "10.64.0.0/22", outbound: false },
  { name: "functions", cidr: "10.64.4.0/24", delegation: "Microsoft.App/environments", outbound: true },
  {
    name: "databricks-public",
    cidr: "10.64.8.0/22",
    delegation: "Microsoft.Databricks/workspaces",
    outbound: true,
  },
  {
    name: "databricks-private",
    cidr: "10.64.12.0/22",
    delegation: "Microsoft.Databricks/workspaces",
    outbound: true,
  },
  {
    name: "stream-analytics",
    cidr: "10.64.16.0/24",
    delegation: "Microsoft.StreamAnalytics/streamingJobs",
    outbound: true,
  },
  { name: "hdinsight", cidr: "10.64.20.0/24", outbound: true },
  { name: "runners", cidr: "10.64.24.0/24", outbound: true },
];

export type SubnetName = (typeof subnetPlans)[number]["name"];

/** What other stacks take from the network. */
export interface NetworkOutputs {
  readonly virtualNetworkId: string;
  readonly subnetId: (name: string) => string;
  readonly subnetName: (name: string) => string;
  /** Id of the association that must exist before a Databricks workspace uses the subnet. */
  readonly securityGroupAssociationId: (name: string) => string;
  readonly privateLink: PrivateLinkNetwork;
}

/** The stage's network: subnets with their own security groups, outbound through NAT, private DNS zones. */
export class NetworkStack extends PlatformStack {
  readonly outputs: NetworkOutputs;

  constructor(scope: Construct, props: PlatformStackProps) {
    super(scope, "network", props);
    const group = this.group;
    const { place } = this;
    const network =
      this.deployment.existingNetwork === null
        ? new VirtualNetwork(this, "network", {
            ...place,
            name: this.nameOf("virtualNetwork"),
            addressSpace: [addressSpace],
          })
        : undefined;
    const virtualNetworkId = network?.id ?? this.deployment.existingNetwork!.virtualNetworkId;
    const segments = virtualNetworkId.split("/");
    const networkName = network?.name ?? segments.at(-1)!;
    const networkGroup = network === undefined ? segments[4]! : group.name;

    const address = new PublicIp(this, "nat-address", {
      ...place,
      name: this.nameOf("publicIp", "nat"),
      allocationMethod: "Static",
      sku: "Standard",
    });
    const nat = new NatGateway(this, "nat", {
      ...place,
      name: this.nameOf("natGateway"),
      skuName: "Standard",
    });
    new NatGatewayPublicIpAssociation(this, "nat-address-link", {
      natGatewayId: nat.id,
      publicIpAddressId: address.id,
    });

    const subnets = new Map<string, { subnet: Subnet; association: SubnetNetworkSecurityGroupAssociation }>();
    for (const plan of subnetPlans) {
      const subnet = new Subnet(this, `subnet-${plan.name}`, {
        name: this.nameOf("subnet", plan.name),
        resourceGroupName: networkGroup,
        virtualNetworkName: networkName,
        addressPrefixes: [plan.cidr],
        defaultOutboundAccessEnabled: false,
        privateEndpointNetworkPolicies:
          plan.name === "endpoints" ? "NetworkSecurityGroupEnabled" : "Disabled",
        ...(plan.delegation !== undefined && {
          delegation: [
            {
              name: "service",
              serviceDelegation: { name: plan.delegation, actions: delegationActions(plan.delegation) },
            },
          ],
        }),
      });
      const security = new NetworkSecurityGroup(this, `security-${plan.name}`, {
        ...place,
        name: this.nameOf("networkSecurityGroup", plan.name),
      });
      const association = new SubnetNetworkSecurityGroupAssociation(this, `security-${plan.name}-link`, {
        subnetId: subnet.id,
        networkSecurityGroupId: security.id,
      });
      if (plan.outbound) {
        new SubnetNatGatewayAssociation(this, `nat-${plan.name}-link`, {
          subnetId: subnet.id,
          natGatewayId: nat.id,
        });
      }
      subnets.set(plan.name, { subnet, association });
    }

    const zones = new Map<string, PrivateDnsZone>();
    if (this.stage.flags.privateNetworking) {
      for (const zone of allPrivateLinkZones(this.location)) {
        const id = zone.replaceAll(".", "-");
        const made = new PrivateDnsZone(this, `zone-${id}`, {
          name: zone,
          resourceGroupName: group.name,
          tags: this.tags,
        });
        new PrivateDnsZoneVirtualNetworkLink(this, `zone-${id}-link`, {
          name: this.nameOf("virtualNetwork"),
          resourceGroupName: group.name,
          privateDnsZoneName: made.name,
          virtualNetworkId,
          tags: this.tags,
        });
        zones.set(zone, made);
      }
    }

    const planned = (name: string) => {
      const found = subnets.get(name);
      if (found === undefined) throw new RangeError(`the network has no subnet "${name}"`);
      return found;
    };
    this.outputs = {
      virtualNetworkId,
      subnetId: (name) => planned(name).subnet.id,
      subnetName: (name) => planned(name).subnet.name,
      securityGroupAssociationId: (name) => planned(name).association.id,
      privateLink: {
        endpointSubnetId: planned("endpoints").subnet.id,
        zoneId: (zone) => {
          const found = zones.get(zone);
          if (found === undefined) throw new RangeError(`the network has no DNS zone "${zone}"`);
          return found.id;
        },
      },
    };
  }
}

function delegationActions(service: string): string[] {
  return service === "Microsoft.Databricks/workspaces"
    ? [
        "Microsoft.Network/virtualNetworks/subnets/join/action",
        "Microsoft.Network/virtualNetworks/subnets/prepareNetworkPolicies/action",
        "Microsoft.Network/virtualNetworks/subnets/unprepareNetworkPolicies/action",
      ]
    : ["Microsoft.Network/virtualNetworks/subnets/join/action"];
}
