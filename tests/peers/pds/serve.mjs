// Bluesky's own server (PDS) and the directory of names that it needs, both on this machine only.
// Reads PORT, PLC_PORT and DIR from the environment; prints `ready <address>`; ends on SIGTERM.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { PDS, envToCfg, envToSecrets, readEnv } from '@atproto/pds'
import { Database, PlcServer } from '@did-plc/server'

const { PORT, PLC_PORT, DIR } = process.env
const secret = (bytes) => randomBytes(bytes).toString('hex')

const directory = PlcServer.create({ db: Database.mock(), port: Number(PLC_PORT) })
await directory.start()
Object.assign(process.env, {
  PDS_PORT: PORT,
  PDS_HOSTNAME: 'localhost',
  PDS_DEV_MODE: 'true',
  PDS_DATA_DIRECTORY: DIR,
  PDS_BLOBSTORE_DISK_LOCATION: join(DIR, 'blobs'),
  PDS_DID_PLC_URL: `http://localhost:${PLC_PORT}`,
  PDS_JWT_SECRET: secret(16),
  PDS_ADMIN_PASSWORD: secret(16),
  PDS_PLC_ROTATION_KEY_K256_PRIVATE_KEY_HEX: secret(32),
  PDS_INVITE_REQUIRED: 'false',
  PDS_SERVICE_HANDLE_DOMAINS: '.test',
  PDS_RATE_LIMITS_ENABLED: 'false',
  PDS_CRAWLERS: '',
  LOG_ENABLED: 'false',
})
const env = readEnv()
const server = await PDS.create(envToCfg(env), envToSecrets(env))
await server.start()
console.log(`ready http://localhost:${PORT}`)
process.on('SIGTERM', async () => {
  await server.destroy()
  await directory.destroy()
  process.exit(0)
})
