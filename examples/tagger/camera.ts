import { byId, say } from './elements.ts';

/** Takes a picture with the camera; undefined if the user thinks otherwise, or there is none. */
export async function takePicture(): Promise<File | undefined> {
  const [dialog, video] = [byId<HTMLDialogElement>('viewfinder'), byId<HTMLVideoElement>('video')];
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  } catch (error) {
    say(`The camera cannot be used: ${(error as Error).message}`);
    return undefined;
  }
  try {
    video.srcObject = stream;
    dialog.returnValue = 'cancel';
    dialog.showModal();
    await new Promise((resolve) => dialog.addEventListener('close', resolve, { once: true }));
    return dialog.returnValue === 'take' ? await frameOf(video) : undefined;
  } finally {
    video.srcObject = null;
    for (const track of stream.getTracks()) track.stop();
  }
}

async function frameOf(video: HTMLVideoElement): Promise<File> {
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  canvas.getContext('2d')?.drawImage(video, 0, 0);
  const name = `camera-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.png`;
  return new File([await canvas.convertToBlob()], name, { type: 'image/png' });
}
