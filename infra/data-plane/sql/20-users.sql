-- Contained users of managed identities; {{dataFactory}} and {{functions}} are the identities' names.
IF USER_ID('{{dataFactory}}') IS NULL CREATE USER [{{dataFactory}}] FROM EXTERNAL PROVIDER;
IF USER_ID('{{functions}}') IS NULL CREATE USER [{{functions}}] FROM EXTERNAL PROVIDER;
GO
GRANT EXECUTE ON SCHEMA::sink TO [{{dataFactory}}];
GRANT EXECUTE ON TYPE::sink.line_minutes_type TO [{{dataFactory}}];
GRANT SELECT ON SCHEMA::fact TO [{{functions}}];
GO
