import { companion, is, type Policy } from "../policy";

/** One row of a table of rules. */
export const rule = (
  id: string,
  types: readonly string[],
  title: string,
  holds: Policy["holds"],
): Policy => ({ id, types, title, holds });

export const isPrivateTo = companion(
  "azurerm_private_endpoint",
  "private_service_connection.private_connection_resource_id",
);

export const isClosed = is("public_network_access_enabled", false);
