import { MssqlDatabase } from "@cdktf/provider-azurerm/lib/mssql-database";
import { MssqlServer } from "@cdktf/provider-azurerm/lib/mssql-server";
import { MssqlServerExtendedAuditingPolicy } from "@cdktf/provider-azurerm/lib/mssql-server-extended-auditing-policy";
import { MssqlServerSecurityAlertPolicy } from "@cdktf/provider-azurerm/lib/mssql-server-security-alert-policy";
import { MssqlServerTransparentDataEncryption } from "@cdktf/provider-azurerm/lib/mssql-server-transparent-data-encryption";
import type { Construct } from "../../bindings/cdktf";
import type { StageConfig } from "../../config/stages";
import type { EncryptionReference } from "../../stacks/identity-stack";
import { guard } from "../guard";
import { Service, type Surroundings } from "../service";

export interface SqlDatabaseProps extends Surroundings {
  readonly sizes: StageConfig["sql"];
  readonly encryption: EncryptionReference | null;
}

/** An Azure SQL server that knows Entra identities only, audited, and its one database. */
export class SqlDatabase extends Service {
  readonly server: MssqlServer;
  readonly database: MssqlDatabase;

  constructor(scope: Construct, id: string, props: SqlDatabaseProps) {
    super(scope, id, props);
    const { isPrivate, deployment, nameOf, isProduction } = this.stack;
    const { sizes, encryption } = props;
    this.server = new MssqlServer(this, "server", {
      ...this.place,
      name: nameOf("sqlServer"),
      version: "12.0",
      minimumTlsVersion: "1.2",
      publicNetworkAccessEnabled: !isPrivate,
      outboundNetworkRestrictionEnabled: true,
      expressVulnerabilityAssessmentEnabled: true,
      azureadAdministrator: {
        loginUsername: deployment.adminGroupName,
        objectId: deployment.adminGroupObjectId,
        tenantId: deployment.tenantId,
        azureadAuthenticationOnly: true,
      },
      ...(encryption === null
        ? { identity: { type: "SystemAssigned" } }
        : {
            identity: { type: "SystemAssigned, UserAssigned", identityIds: [encryption.identityId] },
            primaryUserAssignedIdentityId: encryption.identityId,
          }),
    });
    guard(this.server);
    if (encryption !== null) {
      new MssqlServerTransparentDataEncryption(this, "encryption", {
        serverId: this.server.id,
        keyVaultKeyId: encryption.versionedKeyId,
        autoRotationEnabled: true,
      });
    }
    new MssqlServerSecurityAlertPolicy(this, "threats", {
      resourceGroupName: this.place.resourceGroupName,
      serverName: this.server.name,
      state: "Enabled",
      emailAccountAdmins: true,
      emailAddresses: [deployment.alertEmail],
    });
    new MssqlServerExtendedAuditingPolicy(this, "audit", {
      serverId: this.server.id,
      enabled: true,
      logMonitoringEnabled: true,
      retentionInDays: 90,
    });
    this.database = new MssqlDatabase(this, "database", {
      name: nameOf("sqlDatabase"),
      serverId: this.server.id,
      skuName: sizes.sku,
      ...(sizes.autoPauseMinutes !== null && {
        autoPauseDelayInMinutes: sizes.autoPauseMinutes,
        minCapacity: 0.5,
      }),
      zoneRedundant: sizes.zoneRedundant,
      ledgerEnabled: isProduction,
      transparentDataEncryptionEnabled: true,
      storageAccountType: isProduction ? "Geo" : "Local",
      shortTermRetentionPolicy: { retentionDays: isProduction ? 35 : 7 },
      ...(isProduction && { longTermRetentionPolicy: { weeklyRetention: "P4W", monthlyRetention: "P12M" } }),
      tags: this.place.tags,
    });
    guard(this.database);
    this.connectPrivately("sql", this.server.id, "sqlServer");
    this.diagnose("sql", this.database.id);
    // The audit reaches the workspace through the master database's setting.
    this.diagnose("sql-audit", `${this.server.id}/databases/master`, {
      categories: ["SQLSecurityAuditEvents"],
      metrics: false,
    });
  }
}
