import { Iothub } from "@cdktf/provider-azurerm/lib/iothub";
import { IothubEndpointEventhub } from "@cdktf/provider-azurerm/lib/iothub-endpoint-eventhub";
import { IothubFallbackRouteA } from "@cdktf/provider-azurerm/lib/iothub-fallback-route";
import { IothubRouteA } from "@cdktf/provider-azurerm/lib/iothub-route";
import { topology } from "../../../contracts";
import { AzapiResource } from "../../bindings/azapi";
import type { Construct, TerraformResource } from "../../bindings/cdktf";
import type { IdentityReference } from "../../stacks/identity-stack";
import { guard } from "../guard";
import { RoleEdge } from "../identity/role-edge";
import { Service, type Surroundings } from "../service";
import type { EventHubs } from "./event-hubs";

export interface IotHubProps extends Surroundings {
  readonly eventHubs: EventHubs;
  /** Identity of the provisioning service; null makes none. */
  readonly provisioning: IdentityReference | null;
}

/** The IoT Hub, its routes into Event Hubs by identity, and the service that gives devices their hub. */
export class IotHub extends Service {
  readonly hub: Iothub;

  constructor(scope: Construct, id: string, props: IotHubProps) {
    super(scope, id, props);
    const { isPrivate, deployment, nameOf, stage } = this.stack;
    this.hub = new Iothub(this, "hub", {
      ...this.place,
      name: nameOf("iotHub"),
      sku: { name: stage.iotHub.sku, capacity: stage.iotHub.units },
      eventHubPartitionCount: 4,
      eventHubRetentionInDays: 1,
      localAuthenticationEnabled: false,
      minTlsVersion: "1.2",
      publicNetworkAccessEnabled: !isPrivate,
      identity: { type: "SystemAssigned" },
      cloudToDevice: { maxDeliveryCount: 10, defaultTtl: "PT1H" },
      networkRuleSet: [
        {
          defaultAction: "Deny",
          applyToBuiltinEventhubEndpoint: true,
          ipRule: isPrivate
            ? []
            : deployment.developerCidrs.map((ipMask, index) => ({
                name: `developer-${index}`,
                ipMask,
                action: "Allow",
              })),
        },
      ],
    });
    guard(this.hub);
    this.connectPrivately("iot-hub", this.hub.id, "iotHub");
    this.diagnose("iot-hub", this.hub.id);
    this.#route(props.eventHubs);
    if (props.provisioning !== null) this.#provision(props.provisioning);
  }

  #route(eventHubs: EventHubs): void {
    let previous: TerraformResource | undefined;
    let first: string | undefined;
    for (const route of topology.iotHub.routes) {
      const hub = eventHubs.hub(route.hub);
      const sender = new RoleEdge(this, `role-${route.name}`, {
        role: "Azure Event Hubs Data Sender",
        principalId: this.hub.identity.principalId,
        scope: hub.id,
        edge: `iot hub -> hub ${route.hub}`,
      });
      const endpoint = new IothubEndpointEventhub(this, `endpoint-${route.name}`, {
        name: route.name,
        resourceGroupName: this.place.resourceGroupName,
        iothubId: this.hub.id,
        authenticationType: "identityBased",
        endpointUri: `sb://${eventHubs.namespace.name}.servicebus.windows.net`,
        entityPath: hub.name,
        subscriptionId: this.stack.deployment.subscriptionId,
        dependsOn: [sender.assignment, ...(previous === undefined ? [] : [previous])],
      });
      // Every route locks the hub, so they follow one another.
      previous = new IothubRouteA(this, `route-${route.name}`, {
        name: route.name,
        resourceGroupName: this.place.resourceGroupName,
        iothubName: this.hub.name,
        source: route.source,
        condition: route.condition,
        endpointNames: [endpoint.name],
        enabled: true,
        dependsOn: [endpoint],
      });
      first ??= endpoint.name;
    }
    if (previous === undefined || first === undefined)
      throw new RangeError("the topology routes no device messages");
    // Whatever no route takes goes where the first one leads: the query there refuses it, and nothing is lost.
    new IothubFallbackRouteA(this, "fallback", {
      resourceGroupName: this.place.resourceGroupName,
      iothubName: this.hub.name,
      source: "DeviceMessages",
      condition: "true",
      endpointNames: [first],
      enabled: true,
      dependsOn: [previous],
    });
  }

  /** azurerm links hubs by connection string only, and the hub takes none; the ARM body can name an identity. */
  #provision(identity: IdentityReference): void {
    const { nameOf, isPrivate } = this.stack;
    const role = new RoleEdge(this, "role-provisioning", {
      role: "IoT Hub Data Contributor",
      principalId: identity.principalId,
      scope: this.hub.id,
      edge: "device provisioning -> iot hub",
    });
    const provisioning = new AzapiResource(this, "provisioning", {
      // The first version that links by identity; newer than the types that azapi 2.10 carries.
      type: "Microsoft.Devices/provisioningServices@2026-03-01-preview",
      schemaValidation: false,
      name: nameOf("provisioning"),
      parentId: this.stack.group.id,
      location: this.place.location,
      identity: { type: "UserAssigned", identityIds: [identity.id] },
      body: {
        sku: { name: "S1", capacity: 1 },
        properties: {
          allocationPolicy: "Hashed",
          publicNetworkAccess: isPrivate ? "Disabled" : "Enabled",
          iotHubs: [
            {
              hostName: this.hub.hostname,
              location: this.place.location,
              authenticationType: "UserAssigned",
              selectedUserAssignedIdentityResourceId: identity.id,
            },
          ],
        },
      },
      tags: this.place.tags,
      dependsOn: [role.assignment],
    });
    guard(provisioning);
    this.connectPrivately("provisioning", provisioning.id, "iotDps");
    this.diagnose("provisioning", provisioning.id);
  }
}
