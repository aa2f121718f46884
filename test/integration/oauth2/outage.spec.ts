import { applicationBehindProxy } from '../../kit/outage.js';

it('the authorization server answers 503 while its database is away, and works again without a restart', async () => {
  const outage = await applicationBehindProxy();
  const { app } = outage;
  let attempt = 0;
  const ask = (path: string, payload: string) =>
    app.inject({
      method: 'POST',
      url: `/oauth2/${path}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload,
    });
  // Another name each time, so that nothing is answered from memory.
  const token = () => ask('token', `grant_type=client_credentials&client_id=c${++attempt}&client_secret=s`);
  try {
    expect((await token()).statusCode).toBe(401);
    await outage.cut();
    const away = await token();
    expect(away.statusCode).toBe(503);
    expect(away.headers['retry-after']).toBe('2');
    expect(away.json()).toMatchObject({ error: 'temporarily_unavailable' });
    await outage.giveBack();
    expect((await token()).statusCode).toBe(401);
  } finally {
    await outage.close();
  }
});
